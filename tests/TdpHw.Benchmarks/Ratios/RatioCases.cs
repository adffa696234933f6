using System.Collections.Immutable;
using TdpHw.Benchmarks.Cases;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>What is measured, in an order in which cases with the same tables follow one another.</summary>
internal static class RatioCases
{
    /// <summary>All cases, those on tables with tables of <paramref name="format"/>.</summary>
    public static ImmutableArray<RatioCase> Of<TFormat>(GuestFormat<TFormat> format)
        where TFormat : struct, IPageTableFormat<TFormat> =>
    [
        new TranslateOneCase<TFormat>(format),
        new TranslateBatchCase<TFormat>(format),
        new AddrXlatCase<TFormat>(format),
        new TranslateSortedCase<TFormat>(format),
        new ClassifyCase<TFormat>(format),
        format.AuditCase(),
        new TwoThreadsCase<TFormat>(format),
        new MapCase(),
        new FaultCase(),
        new EditCase(),
        new ExplainStartCase(),
        new RangesCase<TFormat>(format, Goals.Ranges, GuestShape.Islands),
        new RangesCase<TFormat>(format, Goals.ScanImage, GuestShape.Image),
    ];
}

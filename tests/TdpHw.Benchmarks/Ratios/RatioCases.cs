using System.Collections.Immutable;
using TdpHw.Benchmarks.Cases;
using TdpHw.Benchmarks.Tables;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>What is measured, in an order in which cases with the same tables follow one another.</summary>
internal static class RatioCases
{
    public static ImmutableArray<RatioCase> All { get; } =
    [
        new TranslateOneCase(),
        new TranslateBatchCase(),
        new AddrXlatCase(),
        new TranslateSortedCase(),
        new ClassifyCase(),
        new AuditCase(),
        new TwoThreadsCase(),
        new MapCase(),
        new FaultCase(),
        new EditCase(),
        new ExplainStartCase(),
        new RangesCase(Goals.Ranges, GuestShape.Islands),
        new RangesCase(Goals.ScanImage, GuestShape.Image),
    ];
}

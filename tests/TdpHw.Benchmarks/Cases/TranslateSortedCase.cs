using System.Collections.Immutable;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Cases;

/// <summary>Batches of clustered addresses against batches of random ones.</summary>
internal sealed class TranslateSortedCase<TFormat>(GuestFormat<TFormat> format) : TableCase<TFormat>(format)
    where TFormat : struct, IPageTableFormat<TFormat>
{
    private const int Count = 1 << 21;
    private const int PagesPerCluster = 64;

    public override ImmutableArray<Goal> Goals => [Ratios.Goals.TranslateSorted];

    public override GuestShape Shape => GuestShape.Large;

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        GuestTables<TFormat> tables = Tables(run);
        ulong[] clustered = Addresses.Clustered(Shape, Count, PagesPerCluster);
        ulong[] random = Addresses.Random(Shape, Count);
        var results = new WalkResult[TranslateBatchCase<TFormat>.BatchSize];
        double[] ns = Interleaved.Measure(
            Count,
            run.Budget,
            () => TranslateBatchCase<TFormat>.Walk(tables, clustered, results),
            () => TranslateBatchCase<TFormat>.Walk(tables, random, results));
        return
        [
            RatioRow.Measured(
                Goals[0], ns[0], ns[1], ("tables", Shape.Name), ("unit", "translation"), ("clusters", $"{PagesPerCluster} pages in a row")),
        ];
    }
}

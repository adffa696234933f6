using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using TdpHw.Benchmarks.Peers;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Benchmarks.Cases;

/// <summary>What every entry of a tree is, against one read of its tables.</summary>
internal sealed class ClassifyCase<TFormat>(GuestFormat<TFormat> format) : TableCase<TFormat>(format)
    where TFormat : struct, IPageTableFormat<TFormat>
{
    public override ImmutableArray<Goal> Goals => [Ratios.Goals.Classify];

    public override GuestShape Shape => GuestShape.Large;

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (run.Limits is not { } limits || run.Scanner is not { } scanner)
        {
            return [RatioRow.Skipped(Goals[0], "no C compiler")];
        }

        GuestTables<TFormat> tables = Tables(run);
        PeerCounts counts = Count(tables);
        run.Compare($"classify, {counts}", (ulong)counts.GetHashCode(), (ulong)scanner.Classify(tables.ForPeers).GetHashCode());
        double[] ns = Interleaved.Measure(
            tables.EntryCount,
            run.Budget,
            () => Count(tables),
            () => LinearRead(limits, tables),
            () => scanner.Classify(tables.ForPeers));
        return
        [
            RatioRow.Measured(
                Goals[0],
                ns[0],
                ns[1],
                ("tables", Shape.Name),
                ("unit", "entry"),
                ("plain_c_ns", ns[2].ToString("0.000", CultureInfo.InvariantCulture))),
        ];
    }

    private static PeerCounts Count(GuestTables<TFormat> tables)
    {
        var counts = default(PeerCounts);
        var sweep = new TableSweep<TFormat, FlatMemory>(tables.Memory, tables.Root);
        while (sweep.MoveNext())
        {
            ref readonly TableBitmaps bitmaps = ref sweep.Bitmaps;
            for (int word = 0; word < EntryBitmap.WordCount; word++)
            {
                counts.Present += (ulong)BitOperations.PopCount(bitmaps.Present[word]);
                counts.Leaves += (ulong)BitOperations.PopCount(bitmaps.Leaf[word]);
                counts.Violations += (ulong)BitOperations.PopCount(bitmaps.Violation[word]);
                counts.Accessed += (ulong)BitOperations.PopCount(bitmaps.Accessed[word]);
                counts.Dirty += (ulong)BitOperations.PopCount(bitmaps.Dirty[word]);
            }
        }

        return counts;
    }

    private static unsafe void LinearRead(LimitPeer limits, GuestTables<TFormat> tables) =>
        limits.LinearRead(tables.Entries, tables.EntryCount);
}

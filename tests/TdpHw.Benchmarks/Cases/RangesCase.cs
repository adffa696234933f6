using System.Collections.Immutable;
using System.Globalization;
using TdpHw.Benchmarks.Peers;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Benchmarks.Cases;

/// <summary>A whole tree as merged ranges, against one read of its tables.</summary>
internal sealed class RangesCase<TFormat>(GuestFormat<TFormat> format, Goal goal, GuestShape shape) : TableCase<TFormat>(format)
    where TFormat : struct, IPageTableFormat<TFormat>
{
    public override ImmutableArray<Goal> Goals => [goal];

    public override GuestShape Shape => shape;

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (run.Limits is not { } limits || run.Scanner is not { } scanner)
        {
            return [RatioRow.Skipped(goal, "no C compiler")];
        }

        GuestTables<TFormat> tables = Tables(run);
        PeerRanges expected = scanner.Ranges(tables.ForPeers);
        Checksum ours = default;
        long count = 0;
        var cursor = new RangeCursor<TFormat, FlatMemory>(tables.Memory, tables.Root);
        while (cursor.MoveNext())
        {
            ours.Add(cursor.Current);
            count++;
        }

        run.Compare($"{goal.Case}, {count} ranges of {cursor.Leaves} leaves", ours.Value, expected.Checksum);
        double[] ns = Interleaved.Measure(
            tables.EntryCount,
            run.Budget,
            () => CountRanges(tables),
            () => LinearRead(limits, tables),
            () => scanner.Ranges(tables.ForPeers));
        return
        [
            RatioRow.Measured(
                goal,
                ns[0],
                ns[1],
                ("tables", shape.Name),
                ("unit", "entry"),
                ("ranges", count.ToString(CultureInfo.InvariantCulture)),
                ("leaves", cursor.Leaves.ToString(CultureInfo.InvariantCulture)),
                ("plain_c_ns", ns[2].ToString("0.000", CultureInfo.InvariantCulture))),
        ];
    }

    private static long CountRanges(GuestTables<TFormat> tables)
    {
        long count = 0;
        var cursor = new RangeCursor<TFormat, FlatMemory>(tables.Memory, tables.Root);
        while (cursor.MoveNext())
        {
            count++;
        }

        return count;
    }

    private static unsafe void LinearRead(LimitPeer limits, GuestTables<TFormat> tables) =>
        limits.LinearRead(tables.Entries, tables.EntryCount);
}

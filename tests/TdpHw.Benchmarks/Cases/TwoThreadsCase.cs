using System.Collections.Immutable;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Benchmarks.Cases;

/// <summary>The ranges of a tree by two threads, each of which takes half of the addresses, against one.</summary>
internal sealed class TwoThreadsCase<TFormat>(GuestFormat<TFormat> format) : TableCase<TFormat>(format)
    where TFormat : struct, IPageTableFormat<TFormat>
{
    public override ImmutableArray<Goal> Goals => [Ratios.Goals.Ranges2];

    public override GuestShape Shape => GuestShape.Large;

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (Environment.ProcessorCount < 2)
        {
            return [RatioRow.Skipped(Goals[0], "one processor")];
        }

        GuestTables<TFormat> tables = Tables(run);
        run.Compare("ranges-2", ByTwo(tables).Value, ByOne(tables).Value);
        double[] ns = Interleaved.MeasureElapsed(
            tables.EntryCount, run.Budget, () => ByTwo(tables), () => ByOne(tables));
        return [RatioRow.Measured(Goals[0], ns[0], ns[1], ("tables", Shape.Name), ("unit", "entry"), ("clock", "elapsed"))];
    }

    private static Sum ByOne(GuestTables<TFormat> tables) => SumOf(tables, 0, ulong.MaxValue);

    private static Sum ByTwo(GuestTables<TFormat> tables)
    {
        ulong middle = tables.Shape.Size / 2;
        var lower = default(Sum);
        var thread = new Thread(() => lower = SumOf(tables, 0, middle - 1));
        thread.Start();
        Sum upper = SumOf(tables, middle, ulong.MaxValue);
        thread.Join();

        // The range at the seam is one for who sees both halves.
        return lower.JoinedWith(upper);
    }

    private static Sum SumOf(GuestTables<TFormat> tables, ulong first, ulong last)
    {
        var sum = default(Sum);
        var cursor = new RangeCursor<TFormat, FlatMemory>(
            tables.Memory, tables.Root, first: new InputAddress(first), last: new InputAddress(last));
        while (cursor.MoveNext())
        {
            sum.Add(cursor.Current);
        }

        return sum;
    }

    /// <summary>A sum over ranges that can be joined at a seam.</summary>
    private struct Sum
    {
        private MappedRange? _first;
        private MappedRange _last;

        public ulong Value { get; private set; }

        public void Add(in MappedRange range)
        {
            _first ??= range;
            _last = range;
            Value += ValueOf(range);
        }

        public readonly Sum JoinedWith(in Sum next)
        {
            Sum joined = this with { Value = Value + next.Value };
            if (next._first is { } first && _first is not null && _last.IsContinuedBy(first))
            {
                joined.Value += ValueOf(_last with { Size = _last.Size + first.Size }) - ValueOf(_last) - ValueOf(first);
            }

            return joined;
        }

        private static ulong ValueOf(in MappedRange range) =>
            (range.Address.Value ^ range.Output.Value << 8 ^ range.Size << 20 ^ (ulong)range.Rights << 56) * 0x9e37_79b9_7f4a_7c15;
    }
}

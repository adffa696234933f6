using System.Collections.Immutable;
using TdpHw.Benchmarks.Peers;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Benchmarks.Cases;

/// <summary>Single calls for random addresses.</summary>
internal sealed class TranslateOneCase<TFormat>(GuestFormat<TFormat> format) : TableCase<TFormat>(format)
    where TFormat : struct, IPageTableFormat<TFormat>
{
    private const int Count = 1 << 20;

    public override ImmutableArray<Goal> Goals => [Ratios.Goals.TranslateOne];

    public override GuestShape Shape => GuestShape.Small;

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (run.Walker is not { } walker)
        {
            return [RatioRow.Skipped(Goals[0], "no C compiler")];
        }

        GuestTables<TFormat> tables = Tables(run);
        ulong[] addresses = Addresses.Random(Shape, Count);
        run.Compare("translate-one", AnswersOf(tables, addresses), AnswersOf(walker, tables, addresses));
        double[] ns = Interleaved.Measure(
            Count,
            run.Budget,
            () => Chain(tables.Memory, tables.Root, addresses),
            () => walker.WalkChain(tables.ForPeers, addresses));
        return [RatioRow.Measured(Goals[0], ns[0], ns[1], ("tables", Shape.Name), ("unit", "translation"), ("calls", "each waits for the last answer"))];
    }

    private static ulong Chain(in FlatMemory memory, Root<TFormat> root, ReadOnlySpan<ulong> addresses)
    {
        ulong sum = 0;
        ulong last = 0;
        foreach (ulong address in addresses)
        {
            last = TFormat.Walk(in memory, root, new(address + (last >> 63))).Output.Value;
            sum += last;
        }

        return sum;
    }

    private static ulong AnswersOf(GuestTables<TFormat> tables, ulong[] addresses)
    {
        var sum = default(Checksum);
        foreach (ulong address in addresses)
        {
            sum.Add(TFormat.Walk(tables.Memory, tables.Root, new(address)));
        }

        return sum.Value;
    }

    private static ulong AnswersOf(WalkerPeer walker, GuestTables<TFormat> tables, ulong[] addresses)
    {
        var results = new PeerResult[addresses.Length];
        walker.WalkPlain(tables.ForPeers, addresses, results);
        var sum = default(Checksum);
        foreach (PeerResult result in results)
        {
            sum.Add(result);
        }

        return sum.Value;
    }
}

using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using TdpHw.Benchmarks.Peers;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Cases;

/// <summary>
/// Batches of random addresses, in tables far larger than the caches: against the limit through an index of the snapshot, against C
/// from the root.
/// </summary>
internal sealed class TranslateBatchCase<TFormat>(GuestFormat<TFormat> format) : TableCase<TFormat>(format)
    where TFormat : struct, IPageTableFormat<TFormat>
{
    /// <summary>How many addresses a batch has: as many as whose answers stay in a cache until they are used.</summary>
    public const int BatchSize = 4096;

    private const int Count = 1 << 21;

    public override ImmutableArray<Goal> Goals => [Ratios.Goals.TranslateBatchLimit, Ratios.Goals.TranslateBatchC];

    public override GuestShape Shape => GuestShape.Large;

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (run.Limits is not { } limits || run.Walker is not { } walker)
        {
            return Goals.Select(g => RatioRow.Skipped(g, "no C compiler"));
        }

        GuestTables<TFormat> tables = Tables(run);
        ulong[] addresses = Addresses.Random(Shape, Count);
        ulong[] indices = [.. addresses.Select(tables.IndexOf)];
        var results = new WalkResult[BatchSize];
        var answers = new PeerResult[BatchSize];
        long start = Stopwatch.GetTimestamp();
        SnapshotIndex<TFormat> index = SnapshotIndexer.Index(tables.Memory, tables.Root);
        double indexMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        ulong peer = AnswersOf(walker, tables, addresses, answers);
        run.Compare("translate-batch", AnswersOf(addresses, results, batch => Walk(tables, batch, results)), peer);
        run.Compare("translate-batch by index", AnswersOf(addresses, results, batch => Walk(tables, index, batch, results)), peer);
        double[] ns = Interleaved.Measure(
            Count,
            run.Budget * 2,
            () => InBatches(addresses, batch => Walk(tables, index, batch, results)),
            () => RandomLoads(limits, tables, indices),
            () => Walk(tables, addresses, results),
            () => InBatches(addresses, batch => walker.WalkPlain(tables.ForPeers, batch, answers)),
            () => InBatches(addresses, batch => walker.WalkInterleaved(tables.ForPeers, batch, answers)));
        return
        [
            RatioRow.Measured(
                Goals[0],
                ns[0],
                ns[1],
                ("tables", Shape.Name),
                ("unit", "translation"),
                ("batch", $"{BatchSize}"),
                ("by", "index of the snapshot"),
                ("index_bytes", $"{index.ByteCount}"),
                ("index_made_ms", Text(indexMs)),
                ("without_index_ns", Text(ns[2]))),
            RatioRow.Measured(
                Goals[1],
                ns[2],
                ns[3],
                ("tables", Shape.Name),
                ("unit", "translation"),
                ("batch", $"{BatchSize}"),
                ("interleaved_c_ns", Text(ns[4]))),
        ];
    }

    /// <summary>Translates all of <paramref name="addresses"/>, a batch at a time.</summary>
    public static void Walk(GuestTables<TFormat> tables, ulong[] addresses, WalkResult[] results) => InBatches(
        addresses, batch => Walk(tables, batch, results));

    private static void Walk(GuestTables<TFormat> tables, ReadOnlySpan<ulong> batch, WalkResult[] results) =>
        BatchWalk.Walk(tables.Memory, tables.Root, MemoryMarshal.Cast<ulong, InputAddress>(batch), Access.None, results);

    private static void Walk(GuestTables<TFormat> tables, SnapshotIndex<TFormat> index, ReadOnlySpan<ulong> batch, WalkResult[] results) =>
        BatchWalk.Walk(tables.Memory, index, MemoryMarshal.Cast<ulong, InputAddress>(batch), Access.None, results);

    private static void InBatches(ReadOnlySpan<ulong> addresses, Action<ReadOnlySpan<ulong>> walk)
    {
        for (int i = 0; i < addresses.Length; i += BatchSize)
        {
            walk(addresses.Slice(i, BatchSize));
        }
    }

    private static unsafe void RandomLoads(LimitPeer limits, GuestTables<TFormat> tables, ulong[] indices) =>
        limits.RandomLoads(tables.Entries, indices);

    private static string Text(double number) => number.ToString("0.00", CultureInfo.InvariantCulture);

    private static ulong AnswersOf(ulong[] addresses, WalkResult[] results, Action<ReadOnlySpan<ulong>> walk)
    {
        var sum = default(Checksum);
        InBatches(addresses, batch =>
        {
            walk(batch);
            foreach (WalkResult result in results)
            {
                sum.Add(result);
            }
        });
        return sum.Value;
    }

    private static ulong AnswersOf(WalkerPeer walker, GuestTables<TFormat> tables, ulong[] addresses, PeerResult[] answers)
    {
        var plain = default(Checksum);
        var interleaved = default(Checksum);
        InBatches(addresses, batch =>
        {
            walker.WalkPlain(tables.ForPeers, batch, answers);
            foreach (PeerResult answer in answers)
            {
                plain.Add(answer);
            }

            walker.WalkInterleaved(tables.ForPeers, batch, answers);
            foreach (PeerResult answer in answers)
            {
                interleaved.Add(answer);
            }
        });
        return plain.Value == interleaved.Value ? plain.Value : ~plain.Value;
    }
}

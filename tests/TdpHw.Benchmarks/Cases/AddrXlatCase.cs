using System.Collections.Immutable;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Cases;

/// <summary>Batches of random addresses against libkdumpfile's addrxlat.</summary>
internal sealed class AddrXlatCase<TFormat>(GuestFormat<TFormat> format) : TableCase<TFormat>(format)
    where TFormat : struct, IPageTableFormat<TFormat>
{
    // addrxlat is slow: fewer addresses are enough, but so many that what is cold at first does not count.
    private const int Count = 1 << 19;

    public override ImmutableArray<Goal> Goals => [Ratios.Goals.TranslateBatchAddrXlat];

    public override GuestShape Shape => GuestShape.Large;

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (run.AddrXlat is not { } addrXlat)
        {
            return [RatioRow.Skipped(Goals[0], "no C compiler or no libkdumpfile-dev")];
        }

        GuestTables<TFormat> tables = Tables(run);
        ulong[] addresses = Addresses.Random(Shape, Count);
        var results = new WalkResult[TranslateBatchCase<TFormat>.BatchSize];
        var outputs = new ulong[Count];
        addrXlat.Translate(tables.ForPeers, addresses, outputs);
        Compare(run, tables, addresses, outputs);
        double[] ns = Interleaved.Measure(
            Count,
            run.Budget,
            () => TranslateBatchCase<TFormat>.Walk(tables, addresses, results),
            () => addrXlat.Translate(tables.ForPeers, addresses, outputs));
        return
        [
            RatioRow.Measured(
                Goals[0], ns[0], ns[1], ("tables", Shape.Name), ("unit", "translation"), ("batch", $"{TranslateBatchCase<TFormat>.BatchSize}")),
        ];
    }

    private static void Compare(RatioRun run, GuestTables<TFormat> tables, ulong[] addresses, ulong[] outputs)
    {
        ulong ours = 0;
        ulong peers = 0;
        for (int i = 0; i < addresses.Length; i++)
        {
            WalkResult walk = TFormat.Walk(tables.Memory, tables.Root, new(addresses[i]));

            // addrxlat looks at bit 0 only: it does not refuse an entry that the hardware calls malformed.
            if (walk.IsMapped || walk.Outcome == WalkOutcome.NotPresent)
            {
                ours = Mix(ours, walk.IsMapped ? walk.Output.Value : ulong.MaxValue);
                peers = Mix(peers, outputs[i]);
            }
        }

        run.Compare("translate-batch-addrxlat", ours, peers);
    }

    private static ulong Mix(ulong sum, ulong output) => ((sum ^ output) * 0x9e37_79b9_7f4a_7c15) + 1;
}

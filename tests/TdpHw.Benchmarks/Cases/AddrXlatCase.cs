using System.Collections.Immutable;
using TdpHw.Benchmarks.Peers;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Cases;

/// <summary>Batches of random addresses against libkdumpfile's addrxlat.</summary>
internal sealed class AddrXlatCase : RatioCase
{
    // addrxlat is slow: fewer addresses are enough.
    private const int Count = 1 << 17;

    public override ImmutableArray<Goal> Goals => [Ratios.Goals.TranslateBatchAddrXlat];

    public override GuestShape Shape => GuestShape.Large;

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (run.AddrXlat is not { } addrXlat)
        {
            return [RatioRow.Skipped(Goals[0], "no C compiler or no libkdumpfile-dev")];
        }

        GuestTables tables = run.Tables(Shape);
        ulong[] addresses = Addresses.Random(Shape, Count);
        var results = new WalkResult[TranslateBatchCase.BatchSize];
        var outputs = new ulong[Count];
        run.Compare("translate-batch-addrxlat", AnswersOf(tables, addresses), AnswersOf(addrXlat, tables, addresses, outputs));
        double[] ns = Interleaved.Measure(
            Count,
            run.Budget,
            () => TranslateBatchCase.Walk(tables, addresses, results),
            () => addrXlat.Translate(tables.ForPeers, addresses, outputs));
        return
        [
            RatioRow.Measured(
                Goals[0], ns[0], ns[1], ("tables", Shape.Name), ("unit", "translation"), ("batch", $"{TranslateBatchCase.BatchSize}")),
        ];
    }

    private static ulong AnswersOf(GuestTables tables, ulong[] addresses)
    {
        ulong sum = 0;
        foreach (ulong address in addresses)
        {
            WalkResult walk = Ept.Walk(tables.Memory, tables.Root, new(address));

            // addrxlat looks at bit 0 only: what EPT refuses because it can be written and not read is not present to it.
            sum = Mix(sum, walk.IsMapped ? walk.Output.Value : ulong.MaxValue);
        }

        return sum;
    }

    private static ulong AnswersOf(AddrXlatPeer addrXlat, GuestTables tables, ulong[] addresses, ulong[] outputs)
    {
        addrXlat.Translate(tables.ForPeers, addresses, outputs);
        return outputs.Aggregate(0ul, Mix);
    }

    private static ulong Mix(ulong sum, ulong output) => ((sum ^ output) * 0x9e37_79b9_7f4a_7c15) + 1;
}

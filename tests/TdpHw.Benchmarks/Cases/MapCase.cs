using System.Collections.Immutable;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Cases;

/// <summary>256 pages of 4K mapped into an importer's own table and unmapped again, against the same in C.</summary>
internal sealed class MapCase : RatioCase
{
    private const ulong Pages = 256;
    private const int Rounds = 400;
    private const ulong Gfn = 0x12_3400;
    private const ulong Frame = 0x4_5670_0000;

    private static readonly FormatRules<VtdSecondStage> Rules =
        VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { AccessedDirty = false });

    public override ImmutableArray<Goal> Goals => [Ratios.Goals.Map256, Ratios.Goals.Unmap256];

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (run.Mapper is not { } mapper)
        {
            return Goals.Select(g => RatioRow.Skipped(g, "no C compiler"));
        }

        var machine = new Machine(SharingMode.Strict);
        SecondStageTable table = CreateTable(machine);

        // One page in the same lowest table, so that the tables stay: what is measured is entries, not memory for tables.
        table.Map(Gfn + Pages, new(Frame), 1, isWritable: true);
        mapper.Map(Gfn + Pages, Frame, 1);
        Map(table);
        mapper.Map(Gfn, Frame, Pages);
        var root = new Root<VtdSecondStage>(Rules, table.Root, table.Levels);
        run.Compare(
            "map-256",
            Sum(gfn => VtdSecondStage.Walk(machine.View, root, new(gfn << 12)).Output.Value),
            Sum(mapper.FrameOf));
        run.Compare("unmap-256", (ulong)table.Unmap(Gfn, Gfn + Pages - 1), mapper.Unmap(Gfn, Gfn + Pages - 1));
        double[] ns = Interleaved.MeasurePairs(
            Rounds,
            run.Budget,
            (() => Map(table), () => table.Unmap(Gfn, Gfn + Pages - 1)),
            (() => mapper.Map(Gfn, Frame, Pages), () => mapper.Unmap(Gfn, Gfn + Pages - 1)));
        return
        [
            RatioRow.Measured(
                Goals[0],
                ns[0],
                ns[2],
                ("unit", "256 pages in one call"),
                ("both", "share a lock, walk once, compare-exchange each entry"),
                ("generic_pt_ns", "391, published for Linux on an i7-12700")),
            RatioRow.Measured(
                Goals[1],
                ns[1],
                ns[3],
                ("unit", "256 pages in one call"),
                ("both", "hold the lock alone, clear each entry by a store, flush once"),
                ("generic_pt_ns", "210, published for Linux on an i7-12700")),
        ];
    }

    /// <summary>An empty table of an importer's own.</summary>
    public static SecondStageTable CreateTable(Machine machine)
    {
        return SecondStageTable.TryCreate(machine, Rules, levels: 4, static (TdpFlush _) => { }, out SecondStageTable? table)
            ? table!
            : throw new InvalidOperationException("The model has no memory for a table.");
    }

    private static void Map(SecondStageTable table) => table.MapPages(Gfn, new(Frame), Pages, isWritable: true, out _);

    private static ulong Sum(Func<ulong, ulong> frameOf)
    {
        ulong sum = 0;
        for (ulong i = 0; i < Pages; i++)
        {
            sum = (sum ^ frameOf(Gfn + i)) * 0x9e37_79b9_7f4a_7c15;
        }

        return sum;
    }
}

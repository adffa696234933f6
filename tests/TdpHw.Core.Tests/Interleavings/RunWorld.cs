using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>
/// An importer's own table that threads map runs of pages into and unmap, while a walker with a TLB walks it that each flush empties.
/// The walker may reach only where some thread maps a page to; in the end its TLB says what the table says, and no table is lost.
/// </summary>
internal sealed class RunWorld : World
{
    /// <summary>The second page from the end of a table: a run of four from there is in two tables.</summary>
    public const ulong FirstGfn = 510;

    /// <summary>Where the first of two places in the host's memory begins that pages are mapped to.</summary>
    public const ulong Here = 0x40_0000_0000;

    /// <summary>Where the second begins.</summary>
    public const ulong There = 0x50_0000_0000;

    private static readonly FormatRules<VtdSecondStage> Rules =
        VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { AccessedDirty = false });

    private readonly List<Operation> _operations = [];
    private readonly Machine _machine;
    private readonly SecondStageTable _table;
    private readonly HardwareWalker<VtdSecondStage> _walker;
    private readonly SharedGate _walks;
    private readonly Dictionary<ulong, ulong> _tlb = [];
    private readonly HashSet<ulong> _neverUnmapped = [];

    public RunWorld(Interleaving interleaving)
    {
        _machine = new Machine(SharingMode.Strict, interleaving);
        _walker = new HardwareWalker<VtdSecondStage>(_machine, "unit", StalePlace.Iotlb);
        _walks = new SharedGate(interleaving);
        Assert.True(SecondStageTable.TryCreate(_machine, Rules, levels: 3, Invalidate, out SecondStageTable? table));
        _table = table!;
    }

    public override IReadOnlyList<Operation> Operations => _operations;

    private Root<VtdSecondStage> Root => new(Rules, _table.Root, _table.Levels);

    /// <summary>Maps a run that nobody unmaps a page of, but in <paramref name="unmapped"/>.</summary>
    public RunWorld Map(ulong gfn, ulong count, ulong place = Here, params ulong[] unmapped)
    {
        _neverUnmapped.UnionWith(Pages(gfn, count).Except(unmapped));
        _operations.Add(new Operation($"map {gfn}+{count}", () => MapNow(gfn, count, place)));
        return this;
    }

    public RunWorld MapNow(ulong gfn, ulong count, ulong place)
    {
        Assert.Equal(Errno.None, _table.MapPages(gfn, new(place + (gfn << 12)), count, isWritable: true, out ulong mapped));
        Assert.Equal(count, mapped);
        return this;
    }

    public RunWorld Unmap(ulong first, ulong last)
    {
        _operations.Add(new Operation($"unmap {first} to {last}", () => _table.Unmap(first, last)));
        return this;
    }

    public RunWorld Walk(params ulong[] gfns)
    {
        _operations.Add(new Operation("walk", () => Array.ForEach(gfns, WalkNow)));
        return this;
    }

    public override void CheckEnd()
    {
        foreach ((ulong gfn, ulong output) in _tlb.ToArray())
        {
            _tlb.Clear();
            WalkNow(gfn);
            Assert.True(_tlb.TryGetValue(gfn, out ulong now) && now == output, $"the TLB keeps page {gfn} at 0x{output:x}");
        }

        foreach (ulong gfn in _neverUnmapped)
        {
            WalkNow(gfn);
            Assert.True(_tlb.ContainsKey(gfn), $"page {gfn} is lost");
        }

        _table.Unmap(0, ulong.MaxValue);
        Assert.Equal((1, 1), (_table.TableCount, _machine.Memory.TableCount));
        Assert.Equal((0, 0), (_machine.Counters.FreedTableReads, _machine.Counters.StaleHits));
        _table.Free();
        Assert.Equal(0, _machine.Memory.TableCount);
    }

    private static IEnumerable<ulong> Pages(ulong gfn, ulong count) => Enumerable.Range(0, (int)count).Select(i => gfn + (ulong)i);

    /// <summary>Uses what the TLB has, or walks and keeps what comes of it; an invalidation waits until that is done.</summary>
    private void WalkNow(ulong gfn)
    {
        using SharedGate.Held held = _walks.EnterShared();
        if (_tlb.ContainsKey(gfn))
        {
            return;
        }

        WalkResult walk = _walker.Walk(0, Root, new(gfn << 12), Access.Read, out _);
        if (walk.IsMapped)
        {
            Assert.Contains(walk.Output.Value - (gfn << 12), new[] { Here, There });
            _tlb.Add(gfn, walk.Output.Value);
        }
    }

    private void Invalidate(TdpFlush flush)
    {
        using SharedGate.Held held = _walks.EnterExclusive();
        foreach (ulong gfn in _tlb.Keys.Where(g => g << 12 >= flush.Start && (g << 12) - flush.Start < flush.Size).ToArray())
        {
            _tlb.Remove(gfn);
        }

        if (flush.FreesTables)
        {
            _walker.Clear();
        }
    }
}

using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// A second-stage table of the importer's own, which maps guest memory for devices. Pages are mapped by compare-exchange under the
/// shared side of a lock; who changes or takes away what is mapped holds it alone, flushes, and only then frees tables.
/// </summary>
internal sealed partial class SecondStageTable : ITableMirror
{
    private const int IndexBits = 9;
    private const int PageShift = 12;
    private const int SmallestPage = 1;

    private readonly Machine _machine;
    private readonly SharedGate _gate;
    private readonly FormatRules<VtdSecondStage> _rules;
    private readonly bool _snoops;
    private readonly int _pageLevels;
    private readonly Action<TdpFlush> _flush;
    private int _tables = 1;
    private bool _isFreed;

    private SecondStageTable(
        Machine machine, FormatRules<VtdSecondStage> rules, int levels, HostPhysicalAddress root, Action<TdpFlush> flush)
    {
        _machine = machine;
        _gate = new SharedGate(machine.Interleaving);
        _rules = rules;
        _snoops = (rules[SmallestPage].LeafReserved & VtdSecondStageEntry.SnoopMask) == 0;
        for (int level = SmallestPage; level <= levels; level++)
        {
            _pageLevels |= HasPage(rules, level) ? 1 << level : 0;
        }

        _flush = flush;
        Root = root;
        Levels = levels;
    }

    /// <summary>The root table.</summary>
    public HostPhysicalAddress Root { get; }

    /// <summary>How many levels the walk has.</summary>
    public int Levels { get; }

    /// <summary>How many table pages there are, the root included.</summary>
    public int TableCount
    {
        get
        {
            _machine.Interleaving?.Before(this, 0, writes: true);
            return Volatile.Read(ref _tables);
        }
    }

    /// <summary>Makes an empty table.</summary>
    /// <param name="machine">The host.</param>
    /// <param name="rules">The rules of the unit that is to walk it.</param>
    /// <param name="levels">How many levels the walk has.</param>
    /// <param name="flush">Has all units and devices forget a range; called with the table's lock held alone.</param>
    /// <param name="table">The table.</param>
    /// <returns>Whether there was memory.</returns>
    public static bool TryCreate(
        Machine machine, FormatRules<VtdSecondStage> rules, int levels, Action<TdpFlush> flush, out SecondStageTable? table)
    {
        table = machine.TryAllocateTable(out HostPhysicalAddress root)
            ? new SecondStageTable(machine, rules, levels, root, flush)
            : null;
        return table is not null;
    }

    /// <summary>Whether a unit takes all that may stand in the table for what it is.</summary>
    public bool IsFor(FormatRules<VtdSecondStage> rules)
    {
        for (int level = SmallestPage; level <= Levels; level++)
        {
            // What this table's own rules leave zero must be all that the unit wants zero.
            if ((rules[level].TableReserved & ~_rules[level].TableReserved) != 0
                || (HasPage(level)
                    && (!HasPage(rules, level) || (rules[level].LeafReserved & ~_rules[level].LeafReserved) != 0)))
            {
                return false;
            }
        }

        return rules.Walks.Any(w => w.Levels == Levels);
    }

    /// <summary>Frees the table. No unit walks it any more; later calls map and unmap nothing.</summary>
    public void Free()
    {
        using SharedGate.Held held = _gate.EnterExclusive();
        _isFreed = true;
        Unlink(Root, Levels);
        FreeUnlinked();
    }

    /// <summary>Whether this table may hold pages of a level.</summary>
    private bool HasPage(int level) => (_pageLevels & (1 << level)) != 0;

    private static bool HasPage(FormatRules<VtdSecondStage> rules, int level) => rules[level].Leaf.Any(r => r.Supported);

    private void CountTable(int change)
    {
        // Counts can be exchanged; what asks for the number can't be with them.
        _machine.Interleaving?.Before(this, 0, writes: false);
        Interlocked.Add(ref _tables, change);
    }

    private static VtdSecondStageEntry ComposeTable(HostPhysicalAddress table) =>
        default(VtdSecondStageEntry).WithRead(true).WithWrite(true).WithAccessed(true).WithAddress(table);

    private VtdSecondStageEntry ComposeLeaf(HostPhysicalAddress frame, int level, bool isWritable) =>
        default(VtdSecondStageEntry)
            .WithRead(true)
            .WithWrite(isWritable)
            .WithPageSize(level > SmallestPage)
            .WithSnoop(_snoops)
            .WithAddress(frame);

    private static bool IsPresent(VtdSecondStageEntry entry) => entry.Read || entry.Write;

    private static bool IsLeaf(VtdSecondStageEntry entry, int level) =>
        IsPresent(entry) && (level == SmallestPage || entry.PageSize);

    private static bool IsTable(VtdSecondStageEntry entry, int level) => IsPresent(entry) && !IsLeaf(entry, level);

    private static int ShiftOf(int level) => PageShift + (IndexBits * (level - 1));

    private static ulong SizeOf(int level) => 1ul << ShiftOf(level);

    private static int IndexOf(ulong address, int level) =>
        (int)(address >> ShiftOf(level)) & (HostMemory.EntriesPerPage - 1);

    private bool TryChange(in TableEntries table, int index, VtdSecondStageEntry expected, VtdSecondStageEntry changed)
    {
        if (table.TryChange(index, expected.Raw, changed.Raw))
        {
            return true;
        }

        _machine.Counters.AddLostRace();
        return false;
    }
}

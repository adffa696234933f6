using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

/// <summary>
/// KVM's MMU for two-dimensional paging: the VM's roots and the tables below them. Faults change entries by compare-exchange under
/// the shared side of the lock; who takes ranges away holds it alone. (Linux 6.7 arch/x86/kvm/mmu/tdp_mmu.c.)
/// </summary>
/// <remarks>
/// A table that is taken out is frozen entry by entry, so that no fault can put anything into it any more, then flushed, then
/// freed: the walk that took it out ends after the flush, and only then may the page be used again.
/// </remarks>
[SuppressMessage("Performance", "CA1852", Justification = "Tests derive from it, to plant the bugs that the exploration must find.")]
internal partial class TdpMmu
{
    private readonly ExclusiveGate _pagesLock;
    private readonly HashSet<TdpPage> _splitForExecution = [];
    private readonly SharedValue<ImmutableArray<TdpRoot>> _roots;
    private int _rootCount;
    private bool _losesNextChange;

    public TdpMmu(Vm vm)
    {
        Vm = vm;
        Machine = vm.Machine;
        Layout = vm.Vendor.Layout;
        ReadSide = new ReadSide(Machine);
        Lock = new SharedGate(Machine.Interleaving);
        _roots = new(Machine.Interleaving, []);
        _pagesLock = new ExclusiveGate(Machine.Interleaving);
    }

    /// <summary>Guards the tables: shared for faults, alone for who takes ranges away (<c>mmu_lock</c>).</summary>
    public SharedGate Lock { get; }

    /// <summary>Keeps tables that were taken out until no walk of a thread can be in them.</summary>
    public ReadSide ReadSide { get; }

    /// <summary>All roots that live, the oldest first.</summary>
    public ImmutableArray<TdpRoot> Roots => _roots.Value;

    protected Vm Vm { get; }

    protected Machine Machine { get; }

    protected SpteLayout Layout { get; }

    /// <summary>How many table pages the roots have, with themselves.</summary>
    public int CountTables()
    {
        using SharedGate.Held held = Lock.EnterShared();
        using ReadSide.Walk walk = ReadSide.Enter();
        return _roots.Value.Sum(CountTables);
    }

    /// <summary>The table that an entry leads to.</summary>
    protected TdpPage PageAt(ulong spte) => (TdpPage)Machine.Memory.OwnerOf(Layout.AddressOf(spte))!;

    /// <summary>Makes every vCPU and every importer forget translations of a range of guest frames.</summary>
    /// <param name="gfn">The first guest frame.</param>
    /// <param name="count">How many; with 0 first, all bits set for everything.</param>
    /// <param name="freesTables">Whether a table was taken out.</param>
    internal virtual void Flush(ulong gfn, ulong count, bool freesTables) => Vm.FlushRemoteTlbs(gfn, count, freesTables);

    /// <summary>Frees a table that was taken out once no walk can be in it.</summary>
    internal virtual void Retire(TdpPage page) => ReadSide.Retire(page.Address);

    /// <summary>Has the next change under the shared side of the lock fail as if another CPU had come first.</summary>
    internal void LoseNextChange() => _losesNextChange = true;

    /// <summary>Changes an entry under the shared side of the lock, if it still is what it was read as.</summary>
    internal virtual bool TryChange(TdpPage page, int index, ulong expected, ulong changed) =>
        page.TryChange(index, expected, changed);

    /// <summary>Changes an entry under the shared side of the lock and sees to the table that it led to.</summary>
    /// <returns>Whether it still was what it was read as.</returns>
    private bool TrySetShared(TdpPage page, int index, ulong expected, ulong changed) =>
        TrySetShared(page, index, expected, changed, out _);

    /// <param name="page">The table.</param>
    /// <param name="index">Which entry.</param>
    /// <param name="expected">What it was read as.</param>
    /// <param name="changed">What it is to be.</param>
    /// <param name="zapped">How many leaves went with it.</param>
    private bool TrySetShared(TdpPage page, int index, ulong expected, ulong changed, out int zapped)
    {
        zapped = 0;
        if (_losesNextChange || expected == Layout.Frozen || !TryChange(page, index, expected, changed))
        {
            _losesNextChange = false;
            Machine.Counters.AddLostRace();
            return false;
        }

        zapped = AfterChange(page.Level, expected, changed, isShared: true);
        return true;
    }

    /// <summary>Changes an entry with the lock held alone; the hardware may set flags in it at the same time.</summary>
    /// <returns>How many leaves went with it.</returns>
    internal int SetAlone(TdpPage page, int index, ulong changed)
    {
        ulong old = page.Exchange(index, changed);
        return AfterChange(page.Level, old, changed, isShared: false);
    }

    /// <summary>Sees to what an entry led to.</summary>
    /// <returns>How many leaves are gone: the entry itself, or those of a table.</returns>
    private int AfterChange(int level, ulong old, ulong changed, bool isShared)
    {
        if (Layout.IsTable(old, level))
        {
            return Layout.IsTable(changed, level) && Layout.AddressOf(old) == Layout.AddressOf(changed)
                ? 0
                : TakeOut(PageAt(old), isShared);
        }

        return Layout.IsPresent(old) && !Layout.IsPresent(changed) ? 1 : 0;
    }

    /// <summary>Freezes a table's entries and those of the tables below it, and retires them.</summary>
    /// <returns>How many leaves there were.</returns>
    private int TakeOut(TdpPage table, bool isShared)
    {
        int zapped = 0;
        ForgetSplit(table);
        for (int index = 0; index < HostMemory.EntriesPerPage; index++)
        {
            ulong old = table.Exchange(index, Layout.Frozen);
            while (old == Layout.Frozen && isShared)
            {
                // Another thread froze it and is about to write what comes after its flush: the last word is ours.
                Machine.BeforeRetry();
                old = table.Exchange(index, Layout.Frozen);
            }

            if (old != Layout.Frozen)
            {
                zapped += AfterChange(table.Level, old, Layout.Frozen, isShared);
            }
        }

        Retire(table);
        return zapped;
    }

    private void ForgetSplit(TdpPage table)
    {
        if (table.IsHugePageDisallowed)
        {
            using ExclusiveGate.Held held = _pagesLock.Enter();
            _splitForExecution.Remove(table);
            table.IsHugePageDisallowed = false;
        }
    }

    private int CountTables(TdpPage page)
    {
        int count = 1;
        for (int index = 0; page.Level > 1 && index < HostMemory.EntriesPerPage; index++)
        {
            ulong spte = page.Read(index);
            if (Layout.IsTable(spte, page.Level))
            {
                count += CountTables(PageAt(spte));
            }
        }

        return count;
    }
}

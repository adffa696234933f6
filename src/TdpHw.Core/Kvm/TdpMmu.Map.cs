using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

internal partial class TdpMmu
{
    /// <summary>
    /// Maps what a fault asks for, building the tables on the way. The lock is held, shared. (Linux 6.7 tdp_mmu.c,
    /// kvm_tdp_mmu_map; the series' patch 37 has the same for devices, with caches of its own.)
    /// </summary>
    public FaultResult Map(TdpRoot root, ref PageFault fault, MmuMemoryCache cache)
    {
        AdjustHugePage(ref fault);
        using ReadSide.Walk walk = ReadSide.Enter();
        TdpPage page = root;
        while (true)
        {
            int index = page.IndexOf(fault.Gfn);
            ulong spte = page.Read(index);
            if (fault.SplitsExecutedHugePages)
            {
                AdjustDisallowedHugePage(ref fault, spte, page.Level);
            }

            if (spte == Layout.Frozen)
            {
                return FaultResult.Retry;
            }

            if (page.Level == fault.GoalLevel)
            {
                return MapLeaf(page, index, spte, fault);
            }

            if (Layout.IsTable(spte, page.Level))
            {
                page = PageAt(spte);
                continue;
            }

            if (Link(page, index, spte, fault, cache) is not { } child)
            {
                return FaultResult.Retry;
            }

            page = child;
        }
    }

    /// <summary>
    /// Mends an entry without the lock where only a right is missing that KVM may give back: one that was taken away to see the
    /// next access, or the right to write. (Linux 6.7 mmu.c, fast_page_fault.)
    /// </summary>
    public FaultResult MendWithoutLock(TdpRoot root, in PageFault fault)
    {
        bool canBeMended = fault.IsPresent ? fault.IsWrite : root.Role.IsAdDisabled;
        if (!canBeMended)
        {
            return FaultResult.Invalid;
        }

        using ReadSide.Walk walk = ReadSide.Enter();
        (TdpPage page, int index, ulong spte) = FindLast(root, fault.Gfn);
        if (!Layout.IsPresent(spte) || !Layout.IsLeaf(spte, page.Level))
        {
            return FaultResult.Invalid;
        }

        if (Allows(spte, fault))
        {
            return FaultResult.Spurious;
        }

        ulong mended = Layout.IsAccessTracked(spte) ? Layout.Restore(spte) : spte;
        MemorySlot? slot = Vm.Slots.Find(fault.Gfn);
        if (fault.IsWrite && Layout.IsMmuWritable(spte))
        {
            if (page.Level > 1 && slot is { LogsDirty: true })
            {
                return FaultResult.Invalid;
            }

            mended = Layout.MakeWritable(mended);
        }

        if (mended == spte || !Allows(mended, fault) || !TryChange(page, index, spte, mended))
        {
            return FaultResult.Invalid;
        }

        if (Layout.IsWritable(mended) && !Layout.IsWritable(spte))
        {
            slot?.MarkDirty(fault.Gfn);
        }

        return FaultResult.Fixed;
    }

    /// <summary>The lowest entry that a walk of a guest frame comes to.</summary>
    public (TdpPage Page, int Index, ulong Spte) FindLast(TdpRoot root, ulong gfn)
    {
        TdpPage page = root;
        while (true)
        {
            int index = page.IndexOf(gfn);
            ulong spte = page.Read(index);
            if (!Layout.IsTable(spte, page.Level))
            {
                return (page, index, spte);
            }

            page = PageAt(spte);
        }
    }

    private FaultResult MapLeaf(TdpPage page, int index, ulong old, in PageFault fault)
    {
        ulong spte;
        bool isWriteProtected = false;
        if (fault.Slot is null)
        {
            spte = Layout.ComposeMmio(Vm.MmioGeneration(fault.Slots, page.Role.AddressSpace), fault.Gfn);
        }
        else
        {
            spte = Compose(page, old, fault, out isWriteProtected);
        }

        FaultResult result = FaultResult.Fixed;
        if (spte == old)
        {
            result = FaultResult.Spurious;
        }
        else if (!ReplaceLeaf(page, index, old, spte))
        {
            return FaultResult.Retry;
        }

        if (fault.Slot is null || (isWriteProtected && fault.IsWrite))
        {
            return FaultResult.Emulate;
        }

        if (result == FaultResult.Fixed)
        {
            Machine.Report(
                MachineEventKind.Mapped,
                fault.IsFromDevice ? "device" : "vcpu",
                page.GfnOf(index) * HostMemory.PageSize,
                SpteLayout.PageSize(page.Level));
        }

        return result;
    }

    private bool ReplaceLeaf(TdpPage page, int index, ulong old, ulong spte)
    {
        if (!Layout.IsTable(old, page.Level))
        {
            return TrySetShared(page, index, old, spte);
        }

        Machine.BeginChange();
        bool isSet = TrySetShared(page, index, old, spte);
        if (isSet)
        {
            Flush(page.GfnOf(index), page.FramesPerEntry, freesTables: true);
        }

        Machine.EndChange();
        return isSet;
    }

    /// <summary>The entry of a page. (Linux 6.7 spte.c, make_spte; without a vCPU the series' patch 33.)</summary>
    private ulong Compose(TdpPage page, ulong old, in PageFault fault, out bool isWriteProtected)
    {
        MemorySlot slot = fault.Slot!;
        bool isHuge = page.Level > 1;
        var rights = Rights.Read | Rights.Write;
        if (!isHuge || !Vm.Settings.SplitsExecutedHugePages)
        {
            rights |= Rights.Execute;
        }

        isWriteProtected = fault.IsHostWritable && !Layout.IsWritable(old) && slot.IsTracked(fault.Gfn);
        if (isWriteProtected)
        {
            rights &= ~Rights.Write;
        }

        ulong spte = Layout.ComposeLeafAsGiven(new SpteLeaf(
            page.Level, fault.Frame, rights, fault.IsHostWritable, IsDeviceMemory: false, page.Role.IsAdDisabled));
        if ((fault.Frame.Value & (SpteLayout.PageSize(page.Level) - 1)) != 0)
        {
            Machine.Report(MachineEventKind.Warning, "kvm", fault.Gfn * HostMemory.PageSize, detail: $"reserved bits in 0x{spte:x}");
        }

        if (Layout.IsWritable(spte))
        {
            slot.MarkDirty(fault.Gfn);
        }

        return spte;
    }

    /// <summary>Puts a table in an entry's place: an empty one, or the parts of the huge page that is there.</summary>
    /// <returns>The table, or null when another thread came first.</returns>
    private TdpPage? Link(TdpPage page, int index, ulong spte, in PageFault fault, MmuMemoryCache cache)
    {
        HostPhysicalAddress address = cache.Take();
        var child = new TdpPage(Machine, address, page.Role.Child(), page.GfnOf(index))
        {
            IsHugePageDisallowed = fault.IsHugePageDisallowed,
        };
        if (Layout.IsPresent(spte))
        {
            FillSplit(child, spte);
        }
        else
        {
            FillEmpty(child);
        }

        if (!TrySetShared(page, index, spte, Layout.ComposeTable(address, page.Role.IsAdDisabled)))
        {
            ClearEntries(child);
            cache.Return(address);
            return null;
        }

        if (fault.IsHugePageDisallowed && fault.RequestedLevel >= page.Level)
        {
            // Another thread may have taken it out again already.
            using ExclusiveGate.Held held = _pagesLock.Enter();
            if (child.IsHugePageDisallowed)
            {
                _splitForExecution.Add(child);
            }
        }

        return child;
    }

    /// <summary>Serves a fault with the largest page that slot and host allow. (Linux 6.7 mmu.c, kvm_mmu_hugepage_adjust.)</summary>
    private void AdjustHugePage(ref PageFault fault)
    {
        fault.IsHugePageDisallowed = fault.IsFetch && fault.SplitsExecutedHugePages;
        if (fault.MaxLevel == 1 || fault.Slot is not { LogsDirty: false } slot)
        {
            return;
        }

        fault.RequestedLevel = slot.MaxLevel(fault.Gfn, Math.Min(fault.MaxLevel, Vm.MaxHugePageLevel));
        if (fault.RequestedLevel == 1 || fault.IsHugePageDisallowed)
        {
            return;
        }

        fault.GoalLevel = fault.RequestedLevel;
        fault.Frame = new(fault.Frame.Value & ~(SpteLayout.PageSize(fault.GoalLevel) - 1));
    }

    /// <summary>Stays below a huge page that was split for execution. (Linux 6.7 mmu.c, disallowed_hugepage_adjust.)</summary>
    private void AdjustDisallowedHugePage(ref PageFault fault, ulong spte, int level)
    {
        if (level > 1 && level == fault.GoalLevel && Layout.IsTable(spte, level) && PageAt(spte).IsHugePageDisallowed)
        {
            ulong mask = SpteLayout.PageSize(level) - SpteLayout.PageSize(level - 1);
            fault.Frame = new(fault.Frame.Value | ((fault.Gfn * HostMemory.PageSize) & mask));
            fault.GoalLevel--;
        }
    }

    private bool Allows(ulong spte, in PageFault fault) =>
        !Layout.IsAccessTracked(spte)
        && (!fault.IsWrite || Layout.IsWritable(spte))
        && (!fault.IsFetch || Layout.IsExecutable(spte));

    private static void ClearEntries(TdpPage page)
    {
        for (int index = 0; index < HostMemory.EntriesPerPage; index++)
        {
            page.Prepare(index, 0);
        }
    }
}

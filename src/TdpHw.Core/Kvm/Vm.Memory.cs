using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

public sealed partial class Vm
{
    private const int FourLevelBits = 48;
    private const int PageShift = 12;

    private readonly ExclusiveGate _slotsLock;
    private readonly ExclusiveGate _trackingLock;
    private readonly SharedValue<MemorySlots> _slots;
    private readonly SharedValue<ulong> _unmapSequence;
    private readonly SharedValue<bool> _isSlotsLockLost;
    private int _slotCount;
    private int _unmapsInProgress;
    private ulong _unmapFirst;
    private ulong _unmapLast;

    /// <summary>The slots and the generation of this moment.</summary>
    internal MemorySlots Slots => _slots.Value;

    /// <summary>Makes a range of guest memory.</summary>
    /// <param name="settings">What it is.</param>
    /// <param name="slot">The slot.</param>
    /// <returns>
    /// EINVAL when it is empty, not whole pages or beyond the host's physical width, in strict mode also beyond an exported
    /// table's; EEXIST when it overlaps another; ENOMEM; EDEADLK when a device's fault never let go of the slots' lock, as posted.
    /// </returns>
    public Errno AddSlot(in MemorySlotSettings settings, out MemorySlot? slot)
    {
        slot = null;
        ulong start = settings.Start.Value;
        ulong last = start + settings.Size - 1;
        if (settings.Size == 0 || start % HostMemory.PageSize != 0 || settings.Size % HostMemory.PageSize != 0
            || last < start || last >> Vendor.AddressBits != 0)
        {
            return Errno.EINVAL;
        }

        using ExclusiveGate.Held held = _slotsLock.Enter();
        if (_isSlotsLockLost.Value)
        {
            return Errno.EDEADLK;
        }

        if (Machine.Mode.Closes(Hazard.WidthFrozen) && ExportedLevels is 4 && last >> FourLevelBits != 0)
        {
            return Errno.EINVAL;
        }

        MemorySlots slots = Slots;
        if (slots.Overlaps(start / HostMemory.PageSize, last / HostMemory.PageSize))
        {
            return Errno.EEXIST;
        }

        if (!Machine.Allocations.TryAllocate())
        {
            return Errno.ENOMEM;
        }

        slot = new MemorySlot(
            _slotCount++, settings, new HostMapping(Machine, settings.BackingLevel, Vendor.AddressBits), Machine.Interleaving);
        Publish(slots.With(slot));
        return Errno.None;
    }

    /// <summary>Deletes a slot, which takes all translations of all of the VM's memory away. (Linux 6.7, kvm_arch_flush_shadow_memslot.)</summary>
    /// <param name="slot">The slot.</param>
    /// <returns>
    /// ENOENT when it is no slot of this VM; EDEADLK when a device's fault never let go of the slots' lock, as posted.
    /// </returns>
    public Errno DeleteSlot(MemorySlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        using (_slotsLock.Enter())
        {
            if (_isSlotsLockLost.Value)
            {
                return Errno.EDEADLK;
            }

            if (!Slots.Slots.Contains(slot))
            {
                return Errno.ENOENT;
            }

            // Two changes: the slot is invalid first, so that no fault maps it any more, and gone once nothing maps it.
            slot.IsInvalid = true;
            Publish(Slots.WithInvalid());
            ZapAllFast();
            Machine.Counters.AddZappedLeaves(UnmapMirrors(slot.FirstGfn, slot.LastGfn));
            Publish(Slots.Without(slot));
        }

        slot.Host.Unmap(0, ulong.MaxValue);
        return Errno.None;
    }

    /// <summary>The slot with an address, or null.</summary>
    public MemorySlot? FindSlot(InputAddress address) => Slots.Find(address.Value / HostMemory.PageSize);

    /// <summary>
    /// The host takes pages away: every table that serves the range loses it before the frames are given back. What the guest
    /// touches again gets other frames. (Linux 6.7, kvm_mmu_notifier_invalidate_range_start.)
    /// </summary>
    /// <param name="start">The first address; the host unmaps whole pages of its own size.</param>
    /// <param name="size">How many bytes.</param>
    /// <param name="newBackingLevel">The size of the host's pages from then on, for slots that are taken away as a whole.</param>
    /// <returns>How many leaves were zapped, in all tables.</returns>
    public int UnmapHost(InputAddress start, ulong size, int? newBackingLevel = null)
    {
        int zapped = 0;
        (ulong firstGfn, ulong lastGfn) = Frames(start, size);
        foreach (MemorySlot slot in Slots.Slots.Where(s => s.FirstGfn <= lastGfn && firstGfn <= s.LastGfn))
        {
            (ulong first, ulong lastOfHost) = slot.Host.Round(
                Math.Max(firstGfn, slot.FirstGfn) - slot.FirstGfn, Math.Min(lastGfn, slot.LastGfn) - slot.FirstGfn);
            ulong last = Math.Min(lastOfHost, slot.FrameCount - 1);
            bool isWhole = first == 0 && last == slot.FrameCount - 1;
            zapped += Unmap(
                slot.FirstGfn + first,
                slot.FirstGfn + last,
                () => slot.Host.Unmap(first, lastOfHost, isWhole ? newBackingLevel : null));
        }

        return zapped;
    }

    /// <summary>Marks the host's memory behind an address as broken.</summary>
    /// <returns>EFAULT when no slot has the address.</returns>
    public Errno Poison(InputAddress address)
    {
        if (FindSlot(address) is not { } slot)
        {
            return Errno.EFAULT;
        }

        // The host loses a whole page of its own size, of which a part is broken.
        ulong offset = (address.Value / HostMemory.PageSize) - slot.FirstGfn;
        (ulong first, ulong last) = slot.Host.Round(offset, offset);
        ulong lastOfSlot = Math.Min(last, slot.FrameCount - 1);
        Unmap(slot.FirstGfn + first, slot.FirstGfn + lastOfSlot, () => slot.Host.Poison(first, last, offset));
        return Errno.None;
    }

    /// <summary>
    /// Ages a range; what was used is flushed, so that its next use is seen. (Linux 6.7, kvm_mmu_notifier_clear_flush_young.)
    /// </summary>
    /// <returns>How many leaves were used since the last time, or, as far as KVM can tell, may have been.</returns>
    public int Age(InputAddress start, ulong size)
    {
        (ulong first, ulong last) = Frames(start, size);
        int used;
        int blind = 0;
        Machine.BeginChange();
        using (Mmu.Lock.EnterExclusive())
        {
            // Accesses of a device that sets no flag are nowhere to be seen: the strict mode takes all it can reach for used.
            if (Machine.Mode.Closes(Hazard.AccessesUnseen) && HasBlindImporter)
            {
                blind = Mmu.CountExportedLeaves(first, last);
            }

            used = Mmu.Age(first, last);
            if (used != 0)
            {
                Mmu.Flush(0, ulong.MaxValue, freesTables: false);
            }
        }

        Machine.EndChange();
        return Math.Max(used, blind);
    }

    /// <summary>Write-protects a range, so that the next writes fault.</summary>
    /// <returns>How many leaves allowed writes.</returns>
    public int WriteProtect(InputAddress start, ulong size)
    {
        (ulong first, ulong last) = Frames(start, size);
        return WriteProtect(first, last, keepsMmuWritable: true);
    }

    /// <summary>Emulates all guest writes to a range from now on, and device writes not at all.</summary>
    /// <returns>How many pages are newly tracked.</returns>
    public long TrackWrites(InputAddress start, ulong size)
    {
        (ulong first, ulong last) = Frames(start, size);
        long count = 0;
        using ExclusiveGate.Held held = _trackingLock.Enter();
        foreach (MemorySlot slot in Slots.Slots.Where(s => s.FirstGfn <= last && first <= s.LastGfn))
        {
            ulong from = Math.Max(first, slot.FirstGfn);
            ulong to = Math.Min(last, slot.LastGfn);
            count += (long)slot.Track(from, to);

            // A huge page would still be writable as a whole.
            SplitHugePages(from, to, out _);
            WriteProtect(from, to, keepsMmuWritable: false);

            // Importers' own tables get back what may only be read.
            UnmapMirrors(from, to);
        }

        return count;
    }

    /// <summary>Takes the dirty log of a range and begins anew. (Linux 6.7, kvm_vm_ioctl_get_dirty_log.)</summary>
    /// <returns>How many pages were written, as far as KVM knows.</returns>
    public int TakeDirtyLog(InputAddress start, ulong size)
    {
        (ulong first, ulong last) = Frames(start, size);
        Machine.BeginChange();
        int count = 0;
        using (Mmu.Lock.EnterExclusive())
        {
            foreach (MemorySlot slot in Slots.Slots.Where(s => s.LogsDirty && s.FirstGfn <= last && first <= s.LastGfn))
            {
                count += TakeDirtyLog(slot, Math.Max(first, slot.FirstGfn), Math.Min(last, slot.LastGfn));
            }

            if (count != 0)
            {
                Mmu.Flush(first, last - first + 1, freesTables: false);
            }
        }

        Machine.EndChange();
        return count;
    }

    /// <summary>Splits the huge pages of a range down to 4 KiB.</summary>
    /// <param name="start">The first address.</param>
    /// <param name="size">How many bytes.</param>
    /// <param name="count">How many huge pages were split.</param>
    /// <returns>ENOMEM when there was no memory for all.</returns>
    public Errno Split(InputAddress start, ulong size, out int count)
    {
        (ulong first, ulong last) = Frames(start, size);
        return SplitHugePages(first, last, out count);
    }

    /// <summary>Takes out the tables of a range that larger pages could replace; the next faults map those.</summary>
    /// <returns>How many tables were taken out.</returns>
    public int Collapse(InputAddress start, ulong size)
    {
        (ulong first, ulong last) = Frames(start, size);
        return Slots.Slots
            .Where(s => !s.LogsDirty && s.FirstGfn <= last && first <= s.LastGfn)
            .Sum(s => Mmu.ZapCollapsible(s, Math.Max(first, s.FirstGfn), Math.Min(last, s.LastGfn)));
    }

    /// <summary>Takes out the tables of a range that stand there because the guest executed from a huge page.</summary>
    /// <returns>How many tables were taken out.</returns>
    public int RecoverNxHugePages(InputAddress start, ulong size)
    {
        (ulong first, ulong last) = Frames(start, size);
        return Mmu.RecoverHugePages(first, last);
    }

    /// <summary>
    /// Ends the VM's process: KVM zaps everything. No vCPU can run any more, so nothing is flushed as posted, though a device
    /// still can; in strict mode importers are told.
    /// </summary>
    public void ExitProcess()
    {
        Mm.IsExited = true;
        Machine.BeginChange();
        using (Mmu.Lock.EnterExclusive())
        using (Mmu.ReadSide.Enter())
        {
            Machine.Counters.AddZappedLeaves(Mmu.ZapAll());
            if (Machine.Mode.Closes(Hazard.ExitWithoutFlush))
            {
                Mmu.Flush(0, ulong.MaxValue, freesTables: true);
            }
        }

        Machine.EndChange();
        foreach (MemorySlot slot in Slots.Slots)
        {
            UnmapMirrors(slot.FirstGfn, slot.LastGfn);
            slot.Host.Unmap(0, ulong.MaxValue);
        }
    }

    /// <summary>The memslots' generation as MMIO entries record it.</summary>
    internal ulong MmioGeneration(int addressSpace) => MmioGeneration(Slots, addressSpace);

    /// <summary>The generation of slots that were looked at, as MMIO entries record it.</summary>
    internal ulong MmioGeneration(MemorySlots slots, int addressSpace) =>
        slots.Generation(addressSpace) & Vendor.Layout.MmioGenerationMask;

    /// <summary>
    /// Whether what KVM keeps to itself stands in roots that no device walks (strict, where devices walk KVM's own).
    /// </summary>
    internal bool KeepsPrivateOutOfExport =>
        Machine.Mode.Closes(Hazard.PrivateMemoryExposed) && Settings.Serving == Serving.Shared;

    /// <summary>Looks a page up. (Linux 6.7 mmu.c, kvm_faultin_pfn; without a vCPU the series' patch 31.)</summary>
    internal FaultResult FaultIn(ref PageFault fault)
    {
        fault.UnmapSequence = _unmapSequence.Value;
        MemorySlots slots = Slots;
        MemorySlot? slot = slots.Find(fault.Gfn);
        if (slot is { IsInvalid: true })
        {
            return FaultResult.Retry;
        }

        fault.Slots = slots;
        fault.Slot = slot;
        if (slot is null)
        {
            return fault.IsFromDevice ? FaultResult.BadAddress : FaultResult.Continue;
        }

        // A table of an importer's own never holds what KVM keeps to itself.
        if (slot.IsPrivate && fault.IsFromDevice && (KeepsPrivateOutOfExport || Settings.Serving != Serving.Shared))
        {
            return FaultResult.BadAddress;
        }

        // A nested guest does not see it either: to it, the address is emulated.
        if (slot.IsPrivate && fault.IsFromGuestMode)
        {
            fault.Slot = null;
            return FaultResult.Continue;
        }

        if (slot.IsReadOnly && fault.IsWrite)
        {
            return FaultResult.Emulate;
        }

        HostPageState state = slot.Host.FaultIn(fault.Gfn - slot.FirstGfn, out HostPhysicalAddress frame);
        fault.Frame = frame;
        fault.IsHostWritable = !slot.IsReadOnly;
        return state switch
        {
            HostPageState.Present => FaultResult.Continue,
            HostPageState.Poisoned => FaultResult.Poisoned,
            _ => FaultResult.OutOfMemory,
        };
    }

    /// <summary>Whether what was looked up may be gone, or the root is not to be used any more. The MMU's lock is held.</summary>
    internal bool IsStale(TdpRoot root, in PageFault fault) => !root.IsValid || IsStale(fault);

    /// <summary>
    /// Whether what was looked up may be gone. A slot that is being deleted and a process that ends take their pages away without
    /// counting: in the kernel both wait for faults under way, here the fault looks again. The MMU's lock is held.
    /// </summary>
    internal bool IsStale(in PageFault fault) =>
        fault.Slot is { } slot
        && (slot.IsInvalid
            || Mm.IsExited
            || fault.UnmapSequence != _unmapSequence.Value
            || (_unmapsInProgress != 0 && fault.Gfn >= _unmapFirst && fault.Gfn <= _unmapLast));

    /// <summary>
    /// Makes all roots invalid but exported ones, whose leaves are zapped at once, and has vCPUs load new ones. (Linux 6.7 mmu.c,
    /// kvm_mmu_zap_all_fast; series, patch 36.)
    /// </summary>
    internal void ZapAllFast()
    {
        Machine.BeginChange();
        using (Mmu.Lock.EnterExclusive())
        {
            Mmu.InvalidateRoots();
            foreach (VCpu vcpu in _vcpus.Value)
            {
                vcpu.Kick();
            }

            Machine.Counters.AddZappedLeaves(Mmu.ZapExportedRoots());
        }

        Machine.Counters.AddZappedLeaves(Mmu.ZapInvalidRoots());
        Machine.EndChange();
    }

    private static (ulong First, ulong Last) Frames(InputAddress start, ulong size)
    {
        if (size == 0)
        {
            // No frame is from the last one to the first.
            return (ulong.MaxValue, 0);
        }

        ulong last = start.Value + Math.Min(size - 1, ulong.MaxValue - start.Value);
        return (start.Value / HostMemory.PageSize, last / HostMemory.PageSize);
    }

    private void Publish(MemorySlots slots)
    {
        _slots.Value = slots;

        // Old MMIO entries would look new again once the generation has come round.
        if ((slots.Generation(0) & Vendor.Layout.MmioGenerationMask) == 0)
        {
            ZapAllFast();
        }
    }

    /// <summary>Takes guest frames out of every table before, and keeps faults from mapping them until after, the host changes.</summary>
    private int Unmap(ulong first, ulong last, Action changeHost)
    {
        int zapped;
        Machine.BeginChange();
        using (Mmu.Lock.EnterExclusive())
        {
            _unmapsInProgress++;
            (_unmapFirst, _unmapLast) = _unmapsInProgress == 1
                ? (first, last)
                : (Math.Min(_unmapFirst, first), Math.Max(_unmapLast, last));
            zapped = Mmu.ZapLeaves(first, last);
            if (zapped != 0)
            {
                Mmu.Flush(0, ulong.MaxValue, freesTables: false);
                Machine.Report(
                    MachineEventKind.Zapped,
                    "kvm",
                    first * HostMemory.PageSize,
                    (last - first + 1) * HostMemory.PageSize,
                    $"{zapped} leaves");
            }
        }

        Machine.EndChange();
        zapped += UnmapMirrors(first, last);
        Machine.Counters.AddZappedLeaves(zapped);
        changeHost();
        using (Mmu.Lock.EnterExclusive())
        {
            _unmapSequence.Value++;
            _unmapsInProgress--;
        }

        return zapped;
    }

    private int TakeDirtyLog(MemorySlot slot, ulong first, ulong last)
    {
        // Devices set the dirty flag where they do, but nobody is told as a vCPU's page-modification log tells.
        if (Machine.Mode.Closes(Hazard.AccessesUnseen))
        {
            foreach (ulong gfn in Mmu.DirtyFrames(first, last))
            {
                slot.MarkDirty(gfn);
            }
        }

        bool protects = Machine.Mode.Closes(Hazard.AccessesUnseen) && HasBlindImporter;
        int count = 0;
        foreach (ulong gfn in slot.DirtyFrames(first, last).ToArray())
        {
            slot.TakeDirty(gfn);
            Mmu.ClearDirty(gfn, gfn);
            if (protects)
            {
                Mmu.WriteProtect(gfn, gfn, keepsMmuWritable: true);
            }

            count++;
        }

        return count;
    }

    private int WriteProtect(ulong first, ulong last, bool keepsMmuWritable)
    {
        Machine.BeginChange();
        int count;
        using (Mmu.Lock.EnterExclusive())
        {
            count = Mmu.WriteProtect(first, last, keepsMmuWritable);
            if (count != 0)
            {
                Mmu.Flush(first, last - first + 1, freesTables: false);
            }
        }

        Machine.EndChange();
        return count;
    }

    private Errno SplitHugePages(ulong first, ulong last, out int count)
    {
        using ExclusiveGate.Held cache = _splitCacheLock.Enter();
        using SharedGate.Held held = Mmu.Lock.EnterShared();
        return Mmu.SplitHugePages(first, last, _splitCache, out count) ? Errno.None : Errno.ENOMEM;
    }
}

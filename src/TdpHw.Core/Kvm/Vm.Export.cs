using System.Collections.Immutable;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

public sealed partial class Vm
{
    private readonly ExclusiveGate _exportListLock;
    private readonly ExclusiveGate _exportCacheLock;
    private readonly MmuMemoryCache _exportCache;
    private readonly SharedValue<ImmutableArray<ExportedTdp>> _exports;
    private readonly SharedValue<ImmutableArray<ITableMirror>> _mirrors;
    private readonly SharedValue<int> _noncoherentDma;
    private readonly Queue<Action> _interruptions = new();

    /// <summary>How many devices with non-coherent DMA KVM was told of.</summary>
    public int NoncoherentDmaCount => _noncoherentDma.Value;

    /// <summary>Levels of the exported root of the first address space; null while none is exported.</summary>
    internal int? ExportedLevels => _exports.Value.FirstOrDefault(e => e.AddressSpace == 0)?.Root?.Level;

    /// <summary>Whether an importer's devices set no accessed and dirty flags.</summary>
    internal bool HasBlindImporter => _exports.Value.Any(e => e.HasBlindImporter);

    /// <summary>
    /// Has something happen in the middle of a device fault, between looking the page up and mapping it. Of several, each try of
    /// a fault meets one, in the order given. For experiments that need a race at a known place.
    /// </summary>
    /// <param name="action">What happens; it must not change slots, which the fault keeps others from doing.</param>
    public void InterruptDeviceFault(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _interruptions.Enqueue(action);
    }

    /// <summary>Has a try of a device fault find that another CPU changed the entry first; queued like other interruptions.</summary>
    public void LoseDeviceFault() => _interruptions.Enqueue(Mmu.LoseNextChange);

    /// <summary>Exports a table. (Series, patches 03, 04, 05, 35 and 38, KVM_CREATE_TDP_FD.)</summary>
    /// <param name="addressSpace">Which address space; 1 is that of system-management mode.</param>
    /// <param name="mode">Reserved, 0.</param>
    /// <param name="pad">Reserved, 0.</param>
    /// <param name="fd">The file that stands for it.</param>
    /// <returns>
    /// EINVAL: no such address space, a reserved argument, or what may not be exported (an address space other than 0, no TDP MMU,
    /// a Hyper-V build, MMU_PRESENT where importers want zero, no vCPU or none with a width of 32 bits or more, non-coherent DMA).
    /// EEXIST: exported already. ENOMEM. ENODEV: the VM is going. EOPNOTSUPP: the vendor has no metadata. EDEADLK: a device's fault
    /// never let go of the slots' lock.
    /// </returns>
    public Errno CreateTdpFd(uint addressSpace, uint mode, uint pad, out TdpFd? fd)
    {
        fd = null;
        if (addressSpace >= MemorySlots.AddressSpaces || mode != 0 || pad != 0)
        {
            return Errno.EINVAL;
        }

        using (_exportListLock.Enter())
        {
            if (_exports.Value.Any(e => e.AddressSpace == addressSpace))
            {
                return Errno.EEXIST;
            }
        }

        // One for the export, one for its file.
        if (!Machine.Allocations.TryAllocate() || !Machine.Allocations.TryAllocate())
        {
            return Errno.ENOMEM;
        }

        if (!TryGet())
        {
            return Errno.ENODEV;
        }

        var export = new ExportedTdp(this, (int)addressSpace);
        Errno error = Initialize(export);
        if (error == Errno.None)
        {
            error = List(export);
            if (error != Errno.None)
            {
                Mmu.PutExportedRoot(export.Root!);
            }
        }

        if (error != Errno.None)
        {
            Put();
            return error;
        }

        fd = new TdpFd(export, Machine);
        Machine.Report(MachineEventKind.Exported, $"root {export.Root!.Id}", export.Root.Address.Value);
        return Errno.None;
    }

    /// <summary>KVM is told that a device with non-coherent DMA comes or goes.</summary>
    /// <returns>EBUSY in strict mode, when one comes while a table is exported; as posted KVM only warns.</returns>
    public Errno SetNoncoherentDma(bool isPresent)
    {
        using ExclusiveGate.Held held = _exportListLock.Enter();
        if (!isPresent)
        {
            _noncoherentDma.Value = Math.Max(0, _noncoherentDma.Value - 1);
            return Errno.None;
        }

        if (_exports.Value.Length != 0)
        {
            if (Machine.Mode.Closes(Hazard.LateNoncoherentDma))
            {
                return Errno.EBUSY;
            }

            Machine.Report(MachineEventKind.Warning, "kvm", detail: "non-coherent DMA while a table is exported");
        }

        _noncoherentDma.Value++;
        return Errno.None;
    }

    /// <summary>Makes a page present for a device. (Series, patch 37, kvm_arch_fault_exported_tdp.)</summary>
    internal Errno FaultForDevice(ExportedTdp export, ulong gfn, TdpAccess access, ITableMirror? mirror)
    {
        using ExclusiveGate.Held slots = _slotsLock.Enter();
        if (_isSlotsLockLost.Value)
        {
            return Errno.EDEADLK;
        }

        if (export.Root is not { } root)
        {
            return Errno.EFAULT;
        }

        var fault = new PageFault
        {
            Gfn = gfn,
            IsPresent = (access & TdpAccess.Read) != 0,
            IsWrite = (access & TdpAccess.Write) != 0,
            IsFetch = (access & TdpAccess.Execute) != 0,
            IsFromDevice = true,
            Mirror = mirror,
            SplitsExecutedHugePages = Settings.SplitsExecutedHugePages,
        };
        fault.Reset();
        if (fault.IsPresent && fault.IsWrite && Slots.Find(gfn) is { } slot && slot.IsTracked(gfn))
        {
            return Errno.EINVAL;
        }

        while (true)
        {
            FaultResult result = FaultOnce(root, ref fault);
            switch (result)
            {
                case FaultResult.Fixed:
                    return Errno.None;

                case FaultResult.Spurious when Machine.Mode.Closes(Hazard.SpuriousFaultFails):
                    return Errno.None;

                case FaultResult.Poisoned when !Machine.Mode.Closes(Hazard.PoisonRetriedForEver):
                    // The posted loop never ends, and never lets go of the slots' lock.
                    _isSlotsLockLost.Value = true;
                    return Errno.EDEADLK;

                case FaultResult.Retry when Mm.IsExited:
                    return Errno.EPERM;

                case FaultResult.Retry:
                    if (Machine.Mode.Closes(Hazard.StaleFaultState))
                    {
                        fault.Reset();
                    }

                    Machine.BeforeRetry();
                    break;

                default:
                    return Errno.EFAULT;
            }
        }
    }

    /// <summary>Takes an export off the list, so that nobody finds it any more.</summary>
    internal void RemoveExport(ExportedTdp export)
    {
        using ExclusiveGate.Held held = _exportListLock.Enter();
        _exports.Value = _exports.Value.Remove(export);
    }

    /// <summary>Lets an importer's own table follow the VM's memory, or no longer.</summary>
    internal void SetMirror(ITableMirror mirror, bool isAttached)
    {
        using ExclusiveGate.Held held = _exportListLock.Enter();
        _mirrors.Value = isAttached ? _mirrors.Value.Add(mirror) : _mirrors.Value.Remove(mirror);
    }

    private FaultResult FaultOnce(TdpRoot root, ref PageFault fault)
    {
        FaultResult result = FaultIn(ref fault);
        if (result != FaultResult.Continue)
        {
            return result;
        }

        if (_interruptions.TryDequeue(out Action? interruption))
        {
            interruption();
        }

        using ExclusiveGate.Held cache = _exportCacheLock.Enter();
        if (!_exportCache.TopUp())
        {
            return FaultResult.OutOfMemory;
        }

        using SharedGate.Held held = Mmu.Lock.EnterShared();
        if (IsStale(root, fault))
        {
            return FaultResult.Retry;
        }

        result = Mmu.Map(root, ref fault, _exportCache);
        if (result is not (FaultResult.Fixed or FaultResult.Spurious) || MapMirrors(fault) is not Errno mapped)
        {
            return result;
        }

        // What is spurious to KVM's own table, which the device does not walk then, may not have been in the mirror.
        return mapped switch
        {
            Errno.None => FaultResult.Fixed,
            Errno.ENOMEM => FaultResult.OutOfMemory,
            _ => FaultResult.BadAddress,
        };
    }

    /// <summary>All conditions of an export. (Series, patch 35, kvm_mmu_is_expoted_allowed.)</summary>
    private bool IsExportAllowed(int addressSpace)
    {
        const int narrowestOf64Bit = 32;
        return addressSpace == 0
            && Settings.UsesTdpMmu
            && !Settings.IsHyperVBuild
            && Vendor.HasMmuPresentHigh
            && _vcpus.Value.Length != 0
            && WidthOfExport >= narrowestOf64Bit
            && NoncoherentDmaCount == 0
            && !HasSlotBeyond(LevelsFor(WidthOfExport));
    }

    /// <summary>The width that an export is made for; strict: the host's while no vCPU has a CPUID.</summary>
    private int WidthOfExport => MinMaxPhyAddr == 0 && Machine.Mode.Closes(Hazard.NoCpuid) ? Vendor.AddressBits : MinMaxPhyAddr;

    /// <summary>Strict: whether a slot lies where a vCPU that shares an export of so many levels could not reach it.</summary>
    private bool HasSlotBeyond(int levels) =>
        Machine.Mode.Closes(Hazard.WidthFrozen)
        && levels == 4
        && Slots.Slots.Any(s => s.LastGfn >> (FourLevelBits - PageShift) != 0);

    private Errno Initialize(ExportedTdp export)
    {
        if (!IsExportAllowed(export.AddressSpace))
        {
            return Errno.EINVAL;
        }

        TdpRole role = TdpRole.Root(
            LevelsFor(WidthOfExport), export.AddressSpace != 0, isGuestMode: false, !Vendor.Layout.HasAccessedDirty);
        using (_exportCacheLock.Enter())
        {
            if (!_exportCache.TopUp())
            {
                return Errno.ENOMEM;
            }

            using SharedGate.Held held = Mmu.Lock.EnterExclusive();
            TdpRoot root = Mmu.GetRoot(role, _exportCache);
            if (root.IsExported)
            {
                Machine.Report(MachineEventKind.Warning, "kvm", root.Address.Value, detail: $"root {root.Id} is exported already");
            }

            ZapPrivateMemory(root);
            root.AddExport();
            export.Root = root;
        }

        if (Machine.Allocations.TryAllocate())
        {
            export.Metadata = Vendor.ComposeMetadata(export.Root, MaxHugePageLevel);
            if (export.Metadata is not null)
            {
                return Errno.None;
            }
        }

        bool isSupported = export.Metadata is not null || Vendor.ComposeMetadata(export.Root, MaxHugePageLevel) is not null;
        Mmu.PutExportedRoot(export.Root);
        export.Root = null;
        return isSupported ? Errno.ENOMEM : Errno.EOPNOTSUPP;
    }

    /// <summary>Strict: takes what KVM keeps to itself out of a root that vCPUs had before it is exported. The MMU's lock is held alone.</summary>
    private void ZapPrivateMemory(TdpRoot root)
    {
        if (!KeepsPrivateOutOfExport)
        {
            return;
        }

        Machine.BeginChange();
        int zapped = Slots.Slots.Where(s => s.IsPrivate).Sum(s => Mmu.ZapLeaves(root, s.FirstGfn, s.LastGfn));
        if (zapped != 0)
        {
            Mmu.Flush(0, ulong.MaxValue, freesTables: false);
        }

        Machine.EndChange();
    }

    private Errno List(ExportedTdp export)
    {
        if (!Machine.Mode.Closes(Hazard.WidthFrozen))
        {
            return AddExport(export);
        }

        // Slots stay as they are from the last look at them until whoever adds one sees the export.
        using ExclusiveGate.Held held = _slotsLock.Enter();
        if (_isSlotsLockLost.Value)
        {
            return Errno.EDEADLK;
        }

        return HasSlotBeyond(export.Root!.Level) ? Errno.EINVAL : AddExport(export);
    }

    private Errno AddExport(ExportedTdp export)
    {
        using ExclusiveGate.Held held = _exportListLock.Enter();
        if (Machine.Mode.Closes(Hazard.CreationRaces) && _exports.Value.Any(e => e.AddressSpace == export.AddressSpace))
        {
            return Errno.EEXIST;
        }

        // A device that came since the first look was let in because nothing was listed yet.
        if (Machine.Mode.Closes(Hazard.LateNoncoherentDma) && NoncoherentDmaCount != 0)
        {
            return Errno.EINVAL;
        }

        _exports.Value = _exports.Value.Add(export);
        return Errno.None;
    }

    private void NotifyImporters(TdpFlush flush)
    {
        using ExclusiveGate.Held held = _exportListLock.Enter();
        foreach (ExportedTdp export in _exports.Value)
        {
            export.Notify(flush);
        }
    }
}

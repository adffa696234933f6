using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>
/// A vCPU: the root that it has loaded, its TLB and paging-structure caches, and what happens when an access of its guest is not
/// translated. One thread runs it.
/// </summary>
public sealed class VCpu
{
    /// <summary>The width of a vCPU without CPUID (Linux 6.7, kvm_arch_vcpu_create).</summary>
    internal const int DefaultMaxPhyAddr = 36;

    // Another vCPU may have mended the page each time; so often in a row it has not.
    private const int MostSpuriousFaults = 1000;

    private readonly Vm _vm;
    private readonly Machine _machine;
    private readonly string _name;
    private readonly TranslationCache _tlb;
    private readonly CpuWalker _walker;

    // Held while guest code runs: a flush waits for it, as one waits for a processor to leave guest mode.
    private readonly ExclusiveGate _guest;
    private readonly SharedValue<TdpRoot?> _root;
    private readonly SharedValue<int> _maxPhyAddr;

    internal VCpu(Vm vm, int id)
    {
        _vm = vm;
        _machine = vm.Machine;
        Id = id;
        _name = $"vcpu {id}";
        _walker = vm.Vendor.CreateWalker(_machine, _name);
        _tlb = new TranslationCache(_machine.Interleaving);
        _guest = new ExclusiveGate(_machine.Interleaving);
        _root = new(_machine.Interleaving, null);
        _maxPhyAddr = new(_machine.Interleaving, 0);
        Cache = new MmuMemoryCache(_machine);
    }

    /// <summary>Counts the vCPUs of a VM from 0.</summary>
    public int Id { get; }

    /// <summary>The guest-physical width that its CPUID tells; null while none is set.</summary>
    public int? MaxPhyAddr
    {
        get => _maxPhyAddr.Value is int width and not 0 ? width : null;
        internal set => _maxPhyAddr.Value = value ?? 0;
    }

    /// <summary>The root that it has loaded; null before the first access.</summary>
    public TdpRoot? Root => _root.Value;

    /// <summary>What its faults make tables of.</summary>
    internal MmuMemoryCache Cache { get; }

    /// <summary>An access of the guest, with the faults that it takes.</summary>
    /// <param name="address">The guest-physical address.</param>
    /// <param name="access">What it does.</param>
    /// <param name="isSmm">Whether the vCPU is in system-management mode.</param>
    /// <param name="isGuestMode">Whether the vCPU runs a nested guest without nested paging.</param>
    public CpuAccess Access(InputAddress address, Access access, bool isSmm = false, bool isGuestMode = false)
    {
        ulong gfn = address.Value / HostMemory.PageSize;
        TdpRole role = _vm.RoleFor(this, isSmm, isGuestMode);
        for (int spurious = 0; spurious < MostSpuriousFaults;)
        {
            if (_vm.Mm.IsExited)
            {
                return CpuAccess.Failed(Errno.EPERM, Root);
            }

            if (!Load(RoleOfAccess(role, gfn)))
            {
                return CpuAccess.Failed(Errno.ENOMEM, Root);
            }

            if (RunGuest(address, access, out WalkResult walk) is { } done)
            {
                return done;
            }

            FaultResult result = Handle(gfn, access, walk);
            switch (result)
            {
                case FaultResult.Fixed or FaultResult.Spurious:
                    CountViolation(address, access);
                    spurious = result == FaultResult.Spurious ? spurious + 1 : 0;
                    break;

                case FaultResult.Emulate:
                    return Emulate(address, access, walk);

                case FaultResult.OutOfMemory:
                    return CpuAccess.Failed(Errno.ENOMEM, Root);

                case FaultResult.Poisoned or FaultResult.BadAddress:
                    return CpuAccess.Failed(Errno.EFAULT, Root);

                // Where the next turn loads another root nothing else needs to change.
                case FaultResult.Retry when Root is { IsValid: true } root && root.Role == RoleOfAccess(role, gfn):
                    _machine.BeforeRetry();
                    break;
            }
        }

        // KVM holds the page for mapped and the processor does not: the kernel would end the VM with an internal error.
        return CpuAccess.Failed(Errno.EFAULT, Root);
    }

    /// <inheritdoc/>
    public override string ToString() => _name;

    /// <summary>Makes the vCPU forget all translations; when this returns, its guest uses no old one.</summary>
    internal void FlushTlb()
    {
        using ExclusiveGate.Held held = _guest.Enter();
        _tlb.Clear();
        _walker.Clear();
    }

    /// <summary>
    /// Waits until the vCPU has left guest mode. It looks at its root before it runs the guest again, and loads another one where
    /// that was made invalid.
    /// </summary>
    internal void Kick()
    {
        using ExclusiveGate.Held held = _guest.Enter();
    }

    /// <summary>Puts the root that it has loaded.</summary>
    internal void Unload()
    {
        FlushTlb();
        if (Root is { } root)
        {
            _root.Value = null;
            _vm.Mmu.PutRoot(root);
        }
    }

    /// <summary>The root for an access; strict: what KVM keeps to itself stands in a view of its own while one is exported.</summary>
    private TdpRole RoleOfAccess(TdpRole role, ulong gfn) =>
        _vm.KeepsPrivateOutOfExport
        && !role.IsGuestMode
        && _vm.Slots.Find(gfn) is { IsPrivate: true }
        && (_vm.ExportedLevels is not null || Root is { IsExported: true })
            ? role.WithPrivate()
            : role;

    private bool Load(TdpRole role)
    {
        if (Root is { IsValid: true } loaded && loaded.Role == role)
        {
            return true;
        }

        if (!Cache.TopUp())
        {
            return false;
        }

        TdpRoot? old = Root;
        _root.Value = _vm.Mmu.LoadRoot(role, Cache);
        FlushTlb();
        if (old is not null)
        {
            _vm.Mmu.PutRoot(old);
        }

        return true;
    }

    /// <summary>Runs the guest until its access succeeds or leaves guest mode.</summary>
    /// <returns>The answer, or null with the walk that failed.</returns>
    private CpuAccess? RunGuest(InputAddress address, Access access, out WalkResult walk)
    {
        using ExclusiveGate.Held held = _guest.Enter();
        walk = default;
        TdpRoot root = Root!;
        while (true)
        {
            if (!root.IsValid)
            {
                // Left for the fault handler's retry: the next turn loads another root.
                return null;
            }

            if (_tlb.TryFind(root.Address.Value, address, out CachedTranslation cached) && cached.Allows(access))
            {
                CountIfStale(root, address, access, cached);
                return CpuAccess.Done(cached.Translate(address), LevelOf(cached.Shift), root);
            }

            walk = _walker.Walk(root, address, access);
            if (!walk.IsMapped)
            {
                // A violation takes with it what was cached for the address, so that a retry sees the tables as they are.
                // (Intel SDM vol. 3C, 29.4.3.1 "Operations that Invalidate Cached Mappings".)
                if (walk.Outcome is WalkOutcome.NotPresent or WalkOutcome.PermissionDenied)
                {
                    _tlb.Drop(root.Address.Value, address.Value, address.Value);
                    _walker.Drop(root, address);
                }

                return null;
            }

            if (SetFlags(walk, access, out bool isDirty))
            {
                _tlb.Add(root.Address.Value, CachedTranslation.Of(address, walk, isDirty));
                return CpuAccess.Done(walk.Output, walk.Level, root);
            }
        }
    }

    private void CountIfStale(TdpRoot root, InputAddress address, Access access, in CachedTranslation cached)
    {
        if (_machine.IsQuiet && !cached.Agrees(address, _walker.WalkUncached(root, address, access)) && _machine.IsQuiet)
        {
            _machine.CountStaleHit(StalePlace.CpuTlb, _name, address);
        }
    }

    /// <summary>Sets accessed and dirty flags as the hardware does, and logs the write where the slot asks for that.</summary>
    /// <returns>Whether the entry still was what the walk read.</returns>
    private bool SetFlags(in WalkResult walk, Access access, out bool isDirty)
    {
        SpteLayout layout = _vm.Vendor.Layout;
        bool isWrite = access == Formats.Access.Write;
        ulong flags = layout.AccessedMask | (isWrite ? layout.DirtyMask : 0);
        ulong entry = walk.Entry | flags;
        isDirty = layout.DirtyMask == 0 || (entry & layout.DirtyMask) != 0;
        if (entry == walk.Entry)
        {
            return true;
        }

        if (!_machine.Memory.TryChange(walk.EntryAddress, walk.Entry, entry))
        {
            return false;
        }

        if (isWrite && (walk.Entry & layout.DirtyMask) == 0 && _machine.Memory.OwnerOf(walk.EntryAddress) is TdpPage page)
        {
            ulong gfn = page.GfnOf((int)(walk.EntryAddress.Value % HostMemory.PageSize / sizeof(ulong)));
            _vm.Slots.Find(gfn)?.MarkDirty(gfn);
        }

        return true;
    }

    private FaultResult Handle(ulong gfn, Access access, in WalkResult walk)
    {
        TdpRoot root = Root!;
        if (!root.IsValid)
        {
            return FaultResult.Retry;
        }

        if (walk.Outcome == WalkOutcome.AddressTooWide)
        {
            return FaultResult.Emulate;
        }

        if (walk.Outcome is WalkOutcome.ReservedBitSet or WalkOutcome.IllegalEncoding && IsMmioOfNow(root, walk.Entry))
        {
            return FaultResult.Emulate;
        }

        var fault = new PageFault
        {
            Gfn = gfn,
            IsWrite = access == Formats.Access.Write,
            IsFetch = access is Formats.Access.Execute or Formats.Access.UserExecute,
            IsPresent = walk.Outcome == WalkOutcome.PermissionDenied,
            IsFromGuestMode = root.Role.IsGuestMode,
            SplitsExecutedHugePages = _vm.Settings.SplitsExecutedHugePages,
        };
        fault.Reset();
        return Handle(root, ref fault);
    }

    private FaultResult Handle(TdpRoot root, ref PageFault fault)
    {
        // What is not mapped yet is mapped first, without the right to write.
        if (fault.IsPresent && fault.IsWrite && _vm.Slots.Find(fault.Gfn) is { } slot && slot.IsTracked(fault.Gfn))
        {
            return FaultResult.Emulate;
        }

        FaultResult result = _vm.Mmu.MendWithoutLock(root, fault);
        if (result != FaultResult.Invalid)
        {
            return result;
        }

        if (!Cache.TopUp())
        {
            return FaultResult.OutOfMemory;
        }

        result = _vm.FaultIn(ref fault);
        if (result != FaultResult.Continue)
        {
            return result;
        }

        using SharedGate.Held held = _vm.Mmu.Lock.EnterShared();
        if (_vm.IsStale(root, fault) || (fault.Slot is { IsPrivate: true } && _vm.KeepsPrivateOutOfExport && root.IsExported))
        {
            // The last of these: an export came since the root for the access was chosen.
            return FaultResult.Retry;
        }

        result = _vm.Mmu.Map(root, ref fault, Cache);
        if (result is FaultResult.Fixed or FaultResult.Spurious)
        {
            _vm.MapMirrors(fault);
        }

        return result;
    }

    /// <summary>Whether an entry is emulated MMIO and was made since the slots last changed. (Linux 6.7 mmu.c, check_mmio_spte.)</summary>
    private bool IsMmioOfNow(TdpRoot root, ulong spte) =>
        _vm.Vendor.Layout.IsMmio(spte)
        && _vm.Vendor.Layout.MmioGenerationOf(spte) == _vm.MmioGeneration(root.Role.AddressSpace);

    private CpuAccess Emulate(InputAddress address, Access access, in WalkResult walk)
    {
        ulong gfn = address.Value / HostMemory.PageSize;
        if (_vm.Slots.Find(gfn) is { IsReadOnly: false } slot && slot.IsTracked(gfn)
            && slot.Host.FaultIn(gfn - slot.FirstGfn, out HostPhysicalAddress frame) == HostPageState.Present)
        {
            // KVM does the tracked write itself.
            CountViolation(address, access);
            slot.MarkDirty(gfn);
            return CpuAccess.Done(new(frame.Value + (address.Value % HostMemory.PageSize)), 1, Root!);
        }

        _machine.Counters.AddMmioExit();
        _machine.Report(MachineEventKind.MmioExit, _name, address.Value, detail: walk.Outcome.ToString());
        return CpuAccess.Mmio(Root!);
    }

    private void CountViolation(InputAddress address, Access access)
    {
        _machine.Counters.AddCpuFault();
        _machine.Report(MachineEventKind.EptViolation, _name, address.Value, detail: access.ToString());
    }

    private static int LevelOf(int shift) => ((shift - 12) / TdpPage.IndexBits) + 1;
}

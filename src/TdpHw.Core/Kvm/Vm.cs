using System.Collections.Immutable;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

/// <summary>
/// A virtual machine as KVM keeps it: vCPUs, memory slots, the TDP MMU and what of it is exported. It lives while it has
/// references: one is its own file's, one each exported table's.
/// </summary>
public sealed partial class Vm
{
    private readonly ExclusiveGate _vcpuLock;
    private readonly ExclusiveGate _splitCacheLock;
    private readonly MmuMemoryCache _splitCache;
    private readonly SharedValue<ImmutableArray<VCpu>> _vcpus;
    private readonly SharedValue<int> _minMaxPhyAddr;
    private int _references = 1;

    /// <summary>Makes a VM.</summary>
    /// <param name="machine">The host.</param>
    /// <param name="vendor">What the host's processors add to KVM.</param>
    /// <param name="settings">What host and user space decide.</param>
    public Vm(Machine machine, TdpVendor vendor, VmSettings settings)
        : this(machine, vendor, settings, vm => new TdpMmu(vm))
    {
    }

    internal Vm(Machine machine, TdpVendor vendor, VmSettings settings, Func<Vm, TdpMmu> createMmu)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(vendor);
        ArgumentNullException.ThrowIfNull(settings);
        Machine = machine;
        Vendor = vendor;
        Settings = settings;
        Interleaving? interleaving = machine.Interleaving;
        _vcpuLock = new ExclusiveGate(interleaving);
        _splitCacheLock = new ExclusiveGate(interleaving);
        _slotsLock = new ExclusiveGate(interleaving);
        _trackingLock = new ExclusiveGate(interleaving);
        _exportCacheLock = new ExclusiveGate(interleaving);
        _exportListLock = new ExclusiveGate(interleaving);
        _splitCache = new MmuMemoryCache(machine);
        _exportCache = new MmuMemoryCache(machine);
        _vcpus = new(interleaving, []);
        _minMaxPhyAddr = new(interleaving, 0);
        _slots = new(interleaving, MemorySlots.None);
        _unmapSequence = new(interleaving, 0);
        _isSlotsLockLost = new(interleaving, false);
        _exports = new(interleaving, []);
        _mirrors = new(interleaving, []);
        _noncoherentDma = new(interleaving, 0);
        Mm = new ProcessMemory("the VM's process", interleaving);
        Mmu = createMmu(this);
    }

    /// <summary>The host.</summary>
    public Machine Machine { get; }

    /// <summary>What the host's processors add to KVM.</summary>
    public TdpVendor Vendor { get; }

    /// <summary>What host and user space decided.</summary>
    public VmSettings Settings { get; }

    /// <summary>The address space of the VM's process.</summary>
    public ProcessMemory Mm { get; }

    /// <summary>The vCPUs, in the order in which they were made.</summary>
    public ImmutableArray<VCpu> VCpus => _vcpus.Value;

    /// <summary>The roots that live, the oldest first.</summary>
    public ImmutableArray<TdpRoot> Roots => Mmu.Roots;

    /// <summary>
    /// The narrowest guest-physical width of the vCPUs whose CPUID was set so far; 0 before the first. (Series, patch 35.)
    /// </summary>
    public int MinMaxPhyAddr => _minMaxPhyAddr.Value;

    /// <summary>The highest level that KVM maps pages at.</summary>
    public int MaxHugePageLevel => Math.Min(Vendor.MaxHugePageLevel, PageFault.MaxHugePageLevel);

    /// <summary>How many references there are.</summary>
    public int References => Volatile.Read(ref _references);

    /// <summary>How many table pages the TDP MMU uses, roots included.</summary>
    public int TableCount => Mmu.CountTables();

    internal TdpMmu Mmu { get; }

    /// <summary>Makes a vCPU.</summary>
    /// <param name="maxPhyAddr">The guest-physical width that its CPUID tells, 1 to 52; null while no CPUID is set.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such width.</exception>
    public VCpu AddVCpu(int? maxPhyAddr)
    {
        if (maxPhyAddr is int asked)
        {
            AssertWidth(asked);
        }

        using ExclusiveGate.Held held = _vcpuLock.Enter();
        var vcpu = new VCpu(this, _vcpus.Value.Length);
        _vcpus.Value = _vcpus.Value.Add(vcpu);
        if (maxPhyAddr is int width)
        {
            SetWidth(vcpu, width);
        }

        return vcpu;
    }

    /// <summary>Sets the guest-physical width that a vCPU's CPUID tells.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="maxPhyAddr">The width, 1 to 52.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such width.</exception>
    public void SetCpuid(VCpu vcpu, int maxPhyAddr)
    {
        ArgumentNullException.ThrowIfNull(vcpu);
        using ExclusiveGate.Held held = _vcpuLock.Enter();
        SetWidth(vcpu, maxPhyAddr);
    }

    /// <summary>
    /// Levels of a root for vCPUs of a width. (Linux 6.7 mmu.c, kvm_mmu_get_tdp_level; series, patch 30: from a width, not a vCPU.)
    /// </summary>
    public int LevelsFor(int maxPhyAddr)
    {
        const int widestOfFourLevels = 48;
        return Settings.MaxLevels == 5 && maxPhyAddr <= widestOfFourLevels ? 4 : Settings.MaxLevels;
    }

    /// <summary>Puts the reference of the VM's own file, or of an export; the last one frees everything.</summary>
    public void Put()
    {
        Machine.Interleaving?.Before(this, 0, writes: true);
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Destroy();
        }
    }

    /// <summary>Flushes translations of guest frames: first the vCPUs', then those of importers. (Series, patches 41 and 42.)</summary>
    internal void FlushRemoteTlbs(ulong gfn, ulong count, bool freesTables)
    {
        var flush = TdpFlush.OfFrames(gfn, count, freesTables);
        Machine.Counters.AddFlush();
        Machine.Report(MachineEventKind.CpuFlush, "kvm", flush.Start, flush.Size);
        foreach (VCpu vcpu in _vcpus.Value)
        {
            vcpu.FlushTlb();
        }

        NotifyImporters(flush);
    }

    /// <summary>The role of the root that a vCPU loads.</summary>
    internal TdpRole RoleFor(VCpu vcpu, bool isSmm, bool isGuestMode)
    {
        // While one is exported every vCPU that can shares it, whatever its own width: the strict mode's cure.
        bool sharesWidth = Machine.Mode.Closes(Hazard.WidthsDiffer) && !isSmm && !isGuestMode;
        int levels = (sharesWidth ? ExportedLevels : null) ?? LevelsFor(vcpu.MaxPhyAddr ?? VCpu.DefaultMaxPhyAddr);
        return TdpRole.Root(levels, isSmm, isGuestMode, !Vendor.Layout.HasAccessedDirty);
    }

    private bool TryGet()
    {
        while (true)
        {
            Machine.Interleaving?.Before(this, 0, writes: true);
            int seen = Volatile.Read(ref _references);
            if (seen == 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _references, seen + 1, seen) == seen)
            {
                return true;
            }
        }
    }

    private static void AssertWidth(int maxPhyAddr)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPhyAddr, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxPhyAddr, HostMemory.MaxAddressBits);
    }

    private void SetWidth(VCpu vcpu, int maxPhyAddr)
    {
        AssertWidth(maxPhyAddr);
        vcpu.MaxPhyAddr = maxPhyAddr;
        _minMaxPhyAddr.Value = MinMaxPhyAddr == 0 ? maxPhyAddr : Math.Min(MinMaxPhyAddr, maxPhyAddr);
    }

    private void Destroy()
    {
        foreach (VCpu vcpu in _vcpus.Value)
        {
            vcpu.Unload();
        }

        using (Mmu.Lock.EnterExclusive())
        {
            Mmu.InvalidateRoots();
        }

        Mmu.ZapInvalidRoots();
        foreach (VCpu vcpu in _vcpus.Value)
        {
            vcpu.Cache.Clear();
        }

        _splitCache.Clear();
        if (Machine.Mode.Closes(Hazard.CachesNeverFreed))
        {
            _exportCache.Clear();
        }

        foreach (MemorySlot slot in Slots.Slots)
        {
            slot.Host.Unmap(0, ulong.MaxValue);
        }
    }
}

using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>A VM on a machine of its own, with what a test wants to say about it in few words.</summary>
internal sealed class TestVm
{
    public const int HostBits = 46;
    public const ulong Page2M = 1ul << 21;
    public const ulong Page1G = 1ul << 30;

    public TestVm(SharingMode? mode = null, VmSettings? settings = null, bool hasAccessedDirty = true, TdpVendor? vendor = null)
    {
        Machine = new Machine(mode ?? SharingMode.AsPosted) { Observer = Events.Add };
        Vm = new Vm(
            Machine,
            vendor ?? new VmxVendor(
                new EptCapabilities { MaxPhyAddr = HostBits, AccessedDirty = hasAccessedDirty, Walk5 = settings?.MaxLevels == 5 },
                VmxVendor.VariantFor(Machine.Mode, hasMmuPresentHigh: true)),
            settings ?? new VmSettings());
    }

    public Machine Machine { get; }

    public Vm Vm { get; }

    public List<MachineEvent> Events { get; } = [];

    public SpteLayout Layout => Vm.Vendor.Layout;

    /// <summary>A VM with a vCPU as wide as its host.</summary>
    public static TestVm WithVCpu(SharingMode? mode = null, VmSettings? settings = null, bool hasAccessedDirty = true)
    {
        var vm = new TestVm(mode, settings, hasAccessedDirty);
        vm.Vm.AddVCpu(HostBits);
        return vm;
    }

    public MemorySlot AddSlot(
        ulong start,
        ulong size,
        int backingLevel = 1,
        bool isReadOnly = false,
        bool logsDirty = false,
        bool isPrivate = false)
    {
        var settings = new MemorySlotSettings(new InputAddress(start), size, backingLevel, isReadOnly, logsDirty, isPrivate);
        Assert.Equal(Errno.None, Vm.AddSlot(settings, out MemorySlot? slot));
        return slot!;
    }

    public TdpFd Export()
    {
        Assert.Equal(Errno.None, Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd));
        return fd!;
    }

    /// <summary>An access of the first vCPU that succeeds.</summary>
    public CpuAccess Do(Access access, ulong address, bool isSmm = false, bool isGuestMode = false)
    {
        CpuAccess done = Vm.VCpus[0].Access(new InputAddress(address), access, isSmm, isGuestMode);
        Assert.Equal(Errno.None, done.Error);
        return done;
    }

    public CpuAccess Read(ulong address) => Do(Access.Read, address);

    public CpuAccess Write(ulong address) => Do(Access.Write, address);

    public CpuAccess Execute(ulong address) => Do(Access.Execute, address);

    /// <summary>A device's fault through an export.</summary>
    public Errno Fault(TdpFd fd, ulong address, TdpAccess access) => fd.Fault(Vm.Mm, address / HostMemory.PageSize, access);

    /// <summary>The last entry that a walk of an address comes to.</summary>
    public ulong Entry(TdpRoot root, ulong address) => Vm.Mmu.FindLast(root, address / HostMemory.PageSize).Spte;

    /// <summary>The level of the last entry that a walk of an address comes to.</summary>
    public int LevelOf(TdpRoot root, ulong address) => Vm.Mmu.FindLast(root, address / HostMemory.PageSize).Page.Level;

    /// <summary>How many accesses, aging or dirty logging aside, took a fault that KVM handled while <paramref name="action"/> ran.</summary>
    public long FaultsIn(Action action)
    {
        long before = Machine.Counters.CpuFaults;
        action();
        return Machine.Counters.CpuFaults - before;
    }
}

using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

/// <summary>A host with one VM that exports its table, and one unit; devices and tables are made as a test needs them.</summary>
internal sealed class ImportingHost
{
    /// <summary>CAP_REG of a unit with four and five levels, MGAW 48, 2-MiB and 1-GiB pages, MAMV 18, PSI.</summary>
    public const ulong Cap = 0x08d2_078c_106f_0c66;

    /// <summary>ECAP_REG of a unit with SC, SMTS, SMPWC, SSADS, PRS, PASID.</summary>
    public const ulong Ecap = 0x0003_ef9e_a6f0_50df;

    public const int Width = 46;

    private ImportingHost(Machine machine, Vm vm, VCpu vcpu, TdpFd fd, VtdUnit unit) =>
        (Machine, Vm, VCpu, Fd, Unit) = (machine, vm, vcpu, fd, unit);

    public Machine Machine { get; }

    public Vm Vm { get; }

    public VCpu VCpu { get; }

    public TdpFd Fd { get; }

    public VtdUnit Unit { get; }

    public static VtdUnitSettings UnitSettings => new(new VtdCap(Cap), new VtdEcap(Ecap));

    /// <summary>A host whose VM has 1 GiB of memory at 0, in 2-MiB pages unless told, and one vCPU.</summary>
    public static ImportingHost Create(
        SharingMode mode,
        VmSettings? settings = null,
        VtdUnitSettings? unit = null,
        EptCapabilities? ept = null,
        MemorySlotSettings? slot = null,
        string variant = "high",
        Interleaving? interleaving = null)
    {
        var machine = new Machine(mode, interleaving);
        var vm = new Vm(
            machine, new VmxVendor(ept ?? new EptCapabilities { MaxPhyAddr = Width }, variant), settings ?? new VmSettings());
        VCpu vcpu = vm.AddVCpu(Width);
        Assert.Equal(Errno.None, vm.AddSlot(slot ?? new MemorySlotSettings(new(0), 1ul << 30, BackingLevel: 2), out _));
        Assert.Equal(Errno.None, vm.CreateTdpFd(0, 0, 0, out TdpFd? fd));
        Assert.Equal(Errno.None, VtdUnit.Create(machine, "iommu", unit ?? UnitSettings, out VtdUnit? made));
        return new ImportingHost(machine, vm, vcpu, fd!, made!);
    }

    public DmaDevice AddDevice(string address = "00:01.0", DmaDeviceSettings? settings = null, VtdUnit? unit = null)
    {
        Assert.True(DeviceAddress.TryParse(address, out DeviceAddress parsed));
        Assert.Equal(Errno.None, (unit ?? Unit).AddDevice(parsed, settings ?? new DmaDeviceSettings(), out DmaDevice? device));
        return device!;
    }

    public VtdUnit AddUnit(string name, VtdUnitSettings settings)
    {
        Assert.Equal(Errno.None, VtdUnit.Create(Machine, name, settings, out VtdUnit? unit));
        return unit!;
    }

    public KvmHwpt Allocate(DmaDevice device)
    {
        Assert.Equal(Errno.None, KvmHwpt.Allocate(Fd, device, Vm.Mm, isNestParent: false, out KvmHwpt? hwpt));
        return hwpt!;
    }

    /// <summary>Makes a table and attaches a device to it.</summary>
    public KvmHwpt Attach(DmaDevice device)
    {
        KvmHwpt hwpt = Allocate(device);
        Assert.Equal(Errno.None, hwpt.Attach(device));
        return hwpt;
    }

    public HostPhysicalAddress Touch(ulong address, Access access = Access.Write)
    {
        CpuAccess done = VCpu.Access(new(address), access);
        Assert.Equal(Errno.None, done.Error);
        return done.Output;
    }

    public long StaleHits(StalePlace place) => Machine.Counters.StaleHitsAt(place);
}

using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Core.Tests.Iommu;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>
/// A VM whose table is exported, and units with devices that may import it. Its end is judged: a device that is attached reaches
/// what the host maps, one that is not reaches nothing, whatever was cached; and nothing is left once all is gone.
/// </summary>
internal sealed class ImportWorld : World
{
    public const ulong Memory = 1ul << 21;

    private readonly List<Operation> _operations = [];
    private readonly List<Action> _checks = [];
    private readonly List<VtdUnit> _units = [];
    private readonly List<DmaDevice> _devices = [];
    private readonly List<KvmHwpt> _hwpts = [];
    private readonly HashSet<ulong> _pages = [];
    private readonly MemorySlot _slot;
    private bool _isOpen = true;

    public ImportWorld(
        Interleaving interleaving, Serving serving = Serving.Shared, SharingMode? mode = null, int backingLevel = 1)
    {
        Machine = new Machine(mode ?? SharingMode.Strict, interleaving);
        var vendor = new VmxVendor(
            new EptCapabilities { MaxPhyAddr = ImportingHost.Width }, VmxVendor.VariantFor(Machine.Mode, hasMmuPresentHigh: true));
        Vm = new Vm(Machine, vendor, new VmSettings { Serving = serving });
        VCpu = Vm.AddVCpu(ImportingHost.Width);
        Assert.Equal(Errno.None, Vm.AddSlot(new MemorySlotSettings(new(0), Memory, backingLevel), out MemorySlot? slot));
        _slot = slot!;
        Assert.Equal(Errno.None, Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd));
        Fd = fd!;
        AddUnit();
    }

    public Machine Machine { get; }

    public Vm Vm { get; }

    public VCpu VCpu { get; }

    public TdpFd Fd { get; }

    public override IReadOnlyList<Operation> Operations => _operations;

    public void Add(string name, Action run) => _operations.Add(new Operation(name, run));

    /// <summary>Has one more thing judged in the end, before all goes.</summary>
    public void Check(Action check) => _checks.Add(check);

    public VtdUnit AddUnit(VtdUnitSettings? settings = null)
    {
        Assert.Equal(Errno.None, VtdUnit.Create(Machine, $"iommu {_units.Count}", settings ?? ImportingHost.UnitSettings, out VtdUnit? unit));
        _units.Add(unit!);
        return unit!;
    }

    public DmaDevice AddDevice(VtdUnit? unit = null)
    {
        var address = new DeviceAddress(0, (byte)(8 * (_devices.Count + 1)));
        Assert.Equal(Errno.None, (unit ?? _units[0]).AddDevice(address, new DmaDeviceSettings(), out DmaDevice? device));
        _devices.Add(device!);
        return device!;
    }

    public KvmHwpt Allocate(DmaDevice device)
    {
        Assert.Equal(Errno.None, KvmHwpt.Allocate(Fd, device, Vm.Mm, isNestParent: false, out KvmHwpt? hwpt));
        _hwpts.Add(hwpt!);
        return hwpt!;
    }

    public KvmHwpt Attach(DmaDevice device)
    {
        KvmHwpt hwpt = Allocate(device);
        Assert.Equal(Errno.None, hwpt.Attach(device));
        return hwpt;
    }

    /// <summary>Closes the file: from then on the export lives as long as its importers.</summary>
    public void Close()
    {
        _isOpen = false;
        Fd.Put();
    }

    public void Unmap(ulong page) => Vm.UnmapHost(Page(page), HostMemory.PageSize);

    /// <summary>An access of the vCPU that must be done.</summary>
    public void Touch(ulong page)
    {
        _pages.Add(page);
        Assert.Equal(Errno.None, VCpu.Access(Page(page), Access.Write).Error);
    }

    /// <summary>An access of a device, however it ends.</summary>
    public DmaOutcome Dma(DmaDevice device, ulong page)
    {
        _pages.Add(page);
        return device.Dma(Page(page), isWrite: true).Outcome;
    }

    /// <summary>An access of a device that must be done.</summary>
    public void Touch(DmaDevice device, ulong page) => Assert.Equal(DmaOutcome.Done, Dma(device, page));

    public static InputAddress Page(ulong number) => new(number * HostMemory.PageSize);

    public override void CheckEnd()
    {
        AssertNothingStale("while they ran");
        foreach (DmaDevice device in _devices)
        {
            foreach (ulong page in _pages)
            {
                AssertReaches(device, page);
            }
        }

        AssertNothingStale("in the end");
        _checks.ForEach(check => check());
        Clear();

        // Of a unit its root table stays, and, once a device was attached, the one context table that its devices share.
        Assert.InRange(Machine.Memory.TableCount, _units.Count, 2 * _units.Count);
        AssertNothingStale("when all went");
    }

    private void AssertReaches(DmaDevice device, ulong page)
    {
        DmaAnswer answer = device.Dma(Page(page), isWrite: false);
        if (device.Hwpt is null)
        {
            Assert.True(answer.Outcome == DmaOutcome.Fault, $"{device} gets {answer.Outcome} at page {page} while it is not attached");
            return;
        }

        // What nobody answers page requests for is reached when it is mapped, and then where the host maps it.
        Assert.True(
            answer.Outcome == DmaOutcome.Done ? _slot.Host.IsAt(page, answer.Output) : Vm.Mm.IsExited || !device.ArePageRequestsEnabled,
            $"{device} gets {answer.Outcome} ({answer.Reason}) and reaches {answer.Output} at page {page}");
    }

    private void Clear()
    {
        foreach (DmaDevice device in _devices)
        {
            if (device.Hwpt is { } hwpt)
            {
                Assert.Equal(Errno.None, hwpt.Detach(device));
            }

            Assert.True(device.IsRemoved || device.Remove() == Errno.None, $"{device} can't be unplugged");
        }

        foreach (KvmHwpt hwpt in _hwpts)
        {
            Assert.True(hwpt.Destroy() is Errno.None or Errno.ENOENT, "a table can't be destroyed");
            Assert.Equal(0, hwpt.TableCount);
        }

        if (_isOpen)
        {
            Close();
        }

        Assert.Equal((0, true), (Fd.References, Fd.IsReleased));
        Vm.Put();
        Assert.Equal(0, Vm.References);
        Assert.Empty(Vm.Roots);
    }

    private void AssertNothingStale(string when)
    {
        MachineCounters counters = Machine.Counters;
        Assert.True(counters.StaleHits == 0, $"{counters.StaleHits} stale hits {when}");
        Assert.True(counters.FreedTableReads == 0, $"{counters.FreedTableReads} entries of freed tables read {when}");
        Assert.True(counters.UsesAfterFree == 0, $"{counters.UsesAfterFree} calls for what was freed {when}");
    }
}

using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Core.Tests.Iommu;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>
/// A VM with some memory, whose end is judged: what its vCPUs and devices reach then is what the host maps, references and tables
/// are what they should be, and nothing is left once the VM is gone.
/// </summary>
internal sealed class KvmWorld : World
{
    public const ulong HugePage = 1ul << 21;
    public const ulong HugestPage = 1ul << 30;

    private readonly List<Operation> _operations = [];
    private readonly List<DmaDevice> _devices = [];
    private readonly List<Action> _checks = [];
    private readonly HashSet<ulong> _pages = [];
    private readonly ulong _start;
    private int _foreignTables;

    public KvmWorld(
        Interleaving interleaving,
        Func<Vm, TdpMmu>? createMmu = null,
        SharingMode? mode = null,
        int vcpus = 1,
        bool isExported = false,
        VmSettings? settings = null,
        MemorySlotSettings? slot = null,
        EptCapabilities? ept = null)
    {
        Machine = new Machine(mode ?? SharingMode.Strict, interleaving);
        EptCapabilities capabilities = ept ?? new EptCapabilities { MaxPhyAddr = ImportingHost.Width };
        var vendor = new VmxVendor(capabilities, VmxVendor.VariantFor(Machine.Mode, hasMmuPresentHigh: true));
        Vm = new Vm(Machine, vendor, settings ?? new VmSettings(), createMmu ?? (vm => new WatchedMmu(vm)));
        VCpus = [.. Enumerable.Range(0, vcpus).Select(_ => Vm.AddVCpu(ImportingHost.Width))];
        MemorySlotSettings memory = slot ?? new MemorySlotSettings(new(HugestPage), HugePage);
        _start = memory.Start.Value;
        Slot = AddSlot(memory);
        if (isExported)
        {
            Export();
        }
    }

    public Machine Machine { get; }

    public Vm Vm { get; }

    public IReadOnlyList<VCpu> VCpus { get; }

    public MemorySlot Slot { get; }

    /// <summary>The export; null while there is none.</summary>
    public TdpFd? Fd { get; set; }

    /// <summary>Whether what is cached may be older than the tables in the end: what the series as posted leaves.</summary>
    public bool LeavesStale { get; init; }

    public override IReadOnlyList<Operation> Operations => _operations;

    /// <summary>The address of a page of the memory.</summary>
    public InputAddress Page(ulong number) => new(_start + (number * HostMemory.PageSize));

    public void Add(string name, Action run) => _operations.Add(new Operation(name, run));

    /// <summary>Has one more thing judged in the end, before the VM goes.</summary>
    public void Check(Action check) => _checks.Add(check);

    public void Export()
    {
        Assert.Equal(Errno.None, Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd));
        Fd = fd;
    }

    public MemorySlot AddSlot(in MemorySlotSettings settings)
    {
        Assert.Equal(Errno.None, Vm.AddSlot(settings, out MemorySlot? slot));
        return slot!;
    }

    /// <summary>A device behind a unit of its own, attached to the export.</summary>
    public DmaDevice AddDevice()
    {
        Assert.Equal(Errno.None, VtdUnit.Create(Machine, "iommu", ImportingHost.UnitSettings, out VtdUnit? unit));
        Assert.Equal(Errno.None, unit!.AddDevice(new DeviceAddress(0, 8), new DmaDeviceSettings(), out DmaDevice? device));
        Assert.Equal(Errno.None, KvmHwpt.Allocate(Fd, device!, Vm.Mm, isNestParent: false, out KvmHwpt? hwpt));
        int before = Machine.Memory.TableCount;
        Assert.Equal(Errno.None, hwpt!.Attach(device!));

        // The unit's root table, and what leads from there to the device's entry.
        _foreignTables += 1 + Machine.Memory.TableCount - before;
        _devices.Add(device!);
        _checks.Add(() =>
        {
            Assert.Equal(Errno.None, hwpt.Detach(device!));
            Assert.Equal(Errno.None, hwpt.Destroy());
        });
        return device!;
    }

    /// <summary>An access of a vCPU that must be done.</summary>
    public void Touch(int vcpu, ulong page, Access access = Access.Write)
    {
        _pages.Add(page);
        CpuAccess done = VCpus[vcpu].Access(Page(page), access);
        Assert.True(done.Error == Errno.None && !done.IsMmio, $"vcpu {vcpu} gets {done.Error} at page {page}");
    }

    /// <summary>An access of a device that must be done.</summary>
    public void Touch(DmaDevice device, ulong page, bool isWrite = true)
    {
        _pages.Add(page);
        DmaAnswer done = device.Dma(Page(page), isWrite);
        Assert.True(done.Outcome == DmaOutcome.Done, $"the device gets {done.Outcome} ({done.Reason}) at page {page}");
    }

    /// <summary>A page request of a device that must succeed.</summary>
    public void Fault(ulong page, TdpAccess access = TdpAccess.Write)
    {
        _pages.Add(page);
        Assert.Equal(Errno.None, Fd!.Fault(Vm.Mm, Page(page).Value / HostMemory.PageSize, access));
    }

    /// <summary>Has the host take pages away.</summary>
    public void Unmap(ulong page, ulong count = 1) => Vm.UnmapHost(Page(page), count * HostMemory.PageSize);

    public override void CheckEnd()
    {
        MachineCounters counters = Machine.Counters;
        AssertNothingStale("while they ran");
        AssertReferences();
        AssertTablesAreTables();
        if (!Vm.Mm.IsExited && !LeavesStale)
        {
            TouchAll();
            AssertNothingStale("in the end");
        }

        foreach (Action check in _checks)
        {
            check();
        }

        Fd?.Put();
        Vm.Put();
        Assert.Equal(0, Vm.References);
        Assert.Empty(Vm.Roots);

        // The series as posted never frees the caches of the export.
        int mostLeft = Machine.Mode.Closes(Hazard.CachesNeverFreed) ? 0 : MmuMemoryCache.Capacity;
        Assert.InRange(Machine.Memory.TableCount, _foreignTables, _foreignTables + mostLeft);

        void AssertNothingStale(string when)
        {
            if (!LeavesStale)
            {
                Assert.True(counters.StaleHits == 0, $"{counters.StaleHits} stale hits {when}");
                Assert.True(counters.FreedTableReads == 0, $"{counters.FreedTableReads} entries of freed tables read {when}");
            }

            Assert.Equal(0, counters.UsesAfterFree);
        }
    }

    /// <summary>The entry that maps a page below a root; 0 where none does.</summary>
    public ulong LeafOf(TdpRoot root, ulong page) => LeafAt(root, Page(page));

    /// <summary>The entry that maps an address below a root; 0 where none does.</summary>
    public ulong LeafAt(TdpRoot root, InputAddress address)
    {
        ulong gfn = address.Value / HostMemory.PageSize;
        (TdpPage table, int _, ulong spte) = Vm.Mmu.FindLast(root, gfn);
        return Vm.Vendor.Layout.IsPresent(spte) && Vm.Vendor.Layout.IsLeaf(spte, table.Level) ? spte : 0;
    }

    private void TouchAll()
    {
        foreach (ulong page in _pages)
        {
            foreach (VCpu vcpu in VCpus)
            {
                AssertIsMapped(page, vcpu.Access(Page(page), Access.Read).Output, vcpu.ToString());
            }

            foreach (DmaDevice device in _devices)
            {
                AssertIsMapped(page, device.Dma(Page(page), isWrite: false).Output, "the device");
            }
        }
    }

    private void AssertIsMapped(ulong page, HostPhysicalAddress output, string who)
    {
        ulong offset = (Page(page).Value / HostMemory.PageSize) - Slot.FirstGfn;
        Assert.True(Slot.Host.IsAt(offset, output), $"{who} reaches {output} at page {page}, which the host maps elsewhere");
    }

    /// <summary>One for the MMU, one for each vCPU that has it loaded, one for the export.</summary>
    private void AssertReferences()
    {
        foreach (TdpRoot root in Vm.Roots)
        {
            int holders = VCpus.Count(v => v.Root == root) + (Fd?.Root == root ? 1 : 0);
            Assert.True(
                root.References == holders + (root.IsValid ? 1 : 0),
                $"root {root.Id} has {root.References} references and {holders} holders");
            Assert.Equal(Fd?.Root == root, root.IsExported);
        }
    }

    private void AssertTablesAreTables()
    {
        foreach (TdpRoot root in Vm.Roots)
        {
            AssertIsTable(root.Address, root.Level);
        }
    }

    private void AssertIsTable(HostPhysicalAddress table, int level)
    {
        Assert.True(Machine.Memory.IsTable(table), $"a root leads to {table}, which is no table");
        for (int index = 0; level > 1 && index < HostMemory.EntriesPerPage; index++)
        {
            Machine.Memory.TryRead(new(table.Value + ((ulong)index * sizeof(ulong))), out ulong spte);
            if (Vm.Vendor.Layout.IsTable(spte, level))
            {
                AssertIsTable(Vm.Vendor.Layout.AddressOf(spte), level - 1);
            }
        }
    }
}

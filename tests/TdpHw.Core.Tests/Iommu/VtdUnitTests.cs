using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

public sealed class VtdUnitTests
{
    private const int Domain = 5;
    private const ulong Page = 0x7_0000_0000;

    [Theory]
    [InlineData(31, Errno.EINVAL)]
    [InlineData(32, Errno.None)]
    [InlineData(52, Errno.None)]
    [InlineData(53, Errno.EINVAL)]
    public void A_unit_takes_host_addresses_of_32_to_52_bits(int width, Errno expected)
    {
        var machine = new Machine(SharingMode.AsPosted);

        Assert.Equal(expected, VtdUnit.Create(
            machine, "iommu", ImportingHost.UnitSettings with { HostAddressWidth = width }, out _));
        machine.Allocations.FailNext(1);
        Assert.Equal(Errno.ENOMEM, VtdUnit.Create(machine, "iommu", ImportingHost.UnitSettings, out _));
    }

    [Fact]
    public void A_unit_may_hear_later_how_wide_the_host_s_addresses_are_but_not_while_it_serves_a_device()
    {
        ImportingHost host = ImportingHost.Create(
            SharingMode.Strict, ept: new EptCapabilities { MaxPhyAddr = 52 }, variant: "strict");
        DmaDevice device = host.AddDevice();
        Assert.Equal(46, host.Unit.Settings.HostAddressWidth);
        Assert.Equal(Errno.EOPNOTSUPP, KvmHwpt.Allocate(host.Fd, device, host.Vm.Mm, isNestParent: false, out _));
        Assert.Equal((Errno.EINVAL, Errno.EINVAL), (host.Unit.SetHostAddressWidth(31), host.Unit.SetHostAddressWidth(53)));

        Assert.Equal(Errno.None, host.Unit.SetHostAddressWidth(52));

        KvmHwpt hwpt = host.Attach(device);
        Assert.Equal(Errno.EBUSY, host.Unit.SetHostAddressWidth(46));
        Assert.Equal((DmaOutcome.Done, 52), (device.Dma(new(0x1000), isWrite: true).Outcome, host.Unit.Settings.HostAddressWidth));
        Assert.Equal(Errno.None, hwpt.Detach(device));
        Assert.Equal(Errno.None, host.Unit.SetHostAddressWidth(46));
        Assert.Equal(Errno.EINVAL, hwpt.Attach(device));
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public void A_unit_runs_in_scalable_mode_when_driver_and_unit_want_it(bool wants, bool can, bool expected)
    {
        ulong ecap = can ? ImportingHost.Ecap : ImportingHost.Ecap & ~(1ul << 43);
        Assert.Equal(Errno.None, VtdUnit.Create(
            new Machine(SharingMode.AsPosted), "iommu", ImportingHost.UnitSettings with { Ecap = new(ecap), WantsScalable = wants }, out VtdUnit? unit));

        Assert.Equal(expected, unit!.IsScalable);
        Assert.Equal(expected ? 1ul : 0ul, (unit.Rtaddr.Raw >> 10) & 3);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Requests_are_answered_by_what_the_tables_say(bool isScalable, bool hasAts)
    {
        Bench bench = new(isScalable, hasAts);

        VtdFaultReason missing = isScalable ? VtdFaultReason.ScalableRootNotPresent : VtdFaultReason.RootNotPresent;
        Assert.Equal((DmaOutcome.Fault, missing), bench.Dma(0x1000, isWrite: false));
        bench.SetSecondStage();

        Assert.Equal((DmaOutcome.Done, VtdFaultReason.None), bench.Dma(0x1000, isWrite: false));
        Assert.Equal(Page + 0x123, bench.Device.Dma(new(0x1123), isWrite: false).Output.Value);

        // Without page requests a page that is missing is a fault, with the code of the mode.
        VtdFaultReason noWrite = isScalable ? VtdFaultReason.SecondStageDenied : VtdFaultReason.WriteDenied;
        VtdFaultReason noRead = isScalable ? VtdFaultReason.SecondStageDenied : VtdFaultReason.ReadDenied;
        Assert.Equal((DmaOutcome.Fault, noWrite), bench.Dma(0x1000, isWrite: true));
        Assert.Equal((DmaOutcome.Fault, noRead), bench.Dma(0x2000, isWrite: false));

        // Four levels translate 48 bits, and the unit takes no more.
        VtdFaultReason tooWide = isScalable ? VtdFaultReason.ScalableAddressBeyondWidth : VtdFaultReason.AddressBeyondWidth;
        Assert.Equal((DmaOutcome.Fault, tooWide), bench.Dma(1ul << 48, isWrite: false));
        Assert.Equal((DmaOutcome.Fault, tooWide), bench.Dma(ulong.MaxValue, isWrite: false));

        // A page with a bit that is reserved is one too, where the access is allowed.
        bench.SetLeaf(0x3000, Page | 3 | (1ul << 62));
        VtdFaultReason reserved = isScalable ? VtdFaultReason.SecondStageReserved : VtdFaultReason.EntryReserved;
        Assert.Equal((DmaOutcome.Fault, reserved), bench.Dma(0x3000, isWrite: true));
    }

    [Fact]
    public void A_context_entry_of_legacy_mode_has_what_the_manual_says_where_it_says()
    {
        foreach (bool hasAts in new[] { true, false })
        {
            Bench bench = new(isScalable: false, hasAts);
            bench.SetSecondStage();
            HostMemory memory = bench.Machine.Memory;
            Assert.True(memory.TryRead(bench.Unit.Rtaddr.RootTable, out ulong root));
            ulong context = (root & ~0xffful) + (8 * 16);
            Assert.True(memory.TryRead(new(context), out ulong low) && memory.TryRead(new(context + 8), out ulong high));

            // P; TT 01 with a device TLB and 00 without; the root. AW 2 for four levels; DID from bit 72 on.
            Assert.Equal(bench.Root.Value | 1 | (hasAts ? 4ul : 0ul), low);
            Assert.True(memory.TryRead(new(context + 8), out high));
            Assert.Equal(2ul | ((ulong)Domain << 8), high);
        }
    }

    [Fact]
    public void Legacy_mode_has_no_page_requests_and_no_PASIDs()
    {
        Bench bench = new(isScalable: false, hasAts: true, pasid: 3);
        bench.SetSecondStage();

        Assert.Equal((DmaOutcome.Fault, VtdFaultReason.PasidInLegacyMode), bench.Dma(0x1000, isWrite: false));
        Assert.Equal(Errno.ENODEV, bench.Device.EnablePageRequests());
        Assert.Equal(PageResponse.Invalid, bench.Device.RequestPages(new PageRequest(new(0x1000), TdpAccess.Read)));
        Assert.Equal(0, bench.Machine.Counters.PageRequests);
    }

    [Fact]
    public void Interrupt_messages_never_reach_the_tables_unless_they_carry_a_PASID()
    {
        Bench bench = new(isScalable: true, hasAts: true);
        DmaAnswer message = bench.Device.Dma(new(0xfee0_0010), isWrite: true);
        Assert.Equal((DmaOutcome.Done, true, 0xfee0_0010ul), (message.Outcome, message.IsInterrupt, message.Output.Value));

        bench = new(isScalable: true, hasAts: true, pasid: 3);
        bench.SetSecondStage();
        Assert.Equal((DmaOutcome.Fault, VtdFaultReason.SecondStageDenied), bench.Dma(0xfee0_0010, isWrite: true));
    }

    [Fact]
    public void A_translation_into_the_interrupt_window_is_blocked_also_from_the_caches()
    {
        Bench bench = new(isScalable: true, hasAts: true);
        bench.SetSecondStage();

        // A 2-MiB page around the window's first MiB.
        bench.SetLeaf(0x20_0000, 0xfee0_0000 | 0x83, level: 2);
        Assert.Equal((DmaOutcome.Done, VtdFaultReason.None), bench.Dma(0x30_0000, isWrite: true));
        Assert.Equal((DmaOutcome.Fault, VtdFaultReason.ScalableOutputInInterruptWindow), bench.Dma(0x20_0000, isWrite: true));
    }

    [Theory]
    [InlineData(2, VtdFaultReason.PasidInvalid)]
    [InlineData(3, VtdFaultReason.PasidInvalid)]
    [InlineData(6, VtdFaultReason.PasidInvalid)]
    public void A_walk_that_the_unit_has_not_is_refused(int levels, VtdFaultReason expected)
    {
        Bench bench = new(isScalable: true, hasAts: true);
        bench.SetSecondStage(levels: levels);

        Assert.Equal((DmaOutcome.Fault, expected), bench.Dma(0x1000, isWrite: false));
    }

    [Fact]
    public void A_root_beyond_the_unit_s_width_is_refused()
    {
        Bench bench = new(isScalable: true, hasAts: true);
        bench.SetSecondStage(root: new(1ul << 46));

        Assert.Equal((DmaOutcome.Fault, VtdFaultReason.SecondStageRootInvalid), bench.Dma(0x1000, isWrite: false));
    }

    [Fact]
    public void The_unit_s_cache_and_the_device_s_forget_only_what_they_are_told_to()
    {
        Bench bench = new(isScalable: true, hasAts: false);
        bench.SetSecondStage();
        bench.SetLeaf(0x5000, Page | 3);
        bench.Dma(0x1000, isWrite: false);
        bench.Dma(0x5000, isWrite: false);
        Assert.Equal(0, bench.Machine.Counters.IotlbHits);

        bench.SetLeaf(0x1000, 0);
        bench.SetLeaf(0x5000, 0);
        Assert.True(bench.Device.Dma(new(0x1000), isWrite: false).IsStale);
        Assert.Equal((1, 1), (bench.Machine.Counters.IotlbHits, bench.Machine.Counters.StaleHitsAt(StalePlace.Iotlb)));

        // Another page, another domain, another device: nothing of it concerns this page.
        bench.Unit.Submit(InvalidationDescriptor.OfPages(Domain, new(0x2000), 0, leavesOnly: false));
        bench.Unit.Submit(InvalidationDescriptor.OfDomain(Domain + 1));
        bench.Unit.Submit(InvalidationDescriptor.OfWholeDevice(bench.Device.Address));
        bench.Unit.Submit(InvalidationDescriptor.OfPasids(Domain));
        Assert.True(bench.Device.Dma(new(0x1000), isWrite: false).IsStale);

        // An unaligned address names the block around it.
        bench.Unit.Submit(InvalidationDescriptor.OfPages(Domain, new(0x3000), 2, leavesOnly: true));
        Assert.Equal(DmaOutcome.Fault, bench.Device.Dma(new(0x1000), isWrite: false).Outcome);
        Assert.True(bench.Device.Dma(new(0x5000), isWrite: false).IsStale);
        bench.Unit.Submit(InvalidationDescriptor.OfEverything());
        Assert.Equal(DmaOutcome.Fault, bench.Device.Dma(new(0x5000), isWrite: false).Outcome);
        Assert.Equal(6, bench.Machine.Counters.Invalidations);
    }

    [Fact]
    public void The_hint_keeps_tables_that_the_unit_knows()
    {
        Bench bench = new(isScalable: true, hasAts: false);
        bench.SetSecondStage();
        bench.Dma(0x1000, isWrite: false);
        HostPhysicalAddress moved = bench.MoveLowestTable();

        bench.Unit.Submit(InvalidationDescriptor.OfPages(Domain, new(0x1000), 0, leavesOnly: true));
        Assert.True(bench.Device.Dma(new(0x1000), isWrite: false).IsStale);
        Assert.Equal(1, bench.Machine.Counters.StaleHitsAt(StalePlace.IommuPagingStructures));
        Assert.True(bench.Machine.Counters.FreedTableReads > 0);

        long reads = bench.Machine.Counters.FreedTableReads;
        bench.Unit.Submit(InvalidationDescriptor.OfPages(Domain, new(0x1000), 0, leavesOnly: false));
        Assert.False(bench.Device.Dma(new(0x1000), isWrite: false).IsStale);
        Assert.Equal(reads, bench.Machine.Counters.FreedTableReads);
        Assert.True(bench.Machine.Memory.IsTable(moved));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Flags_are_set_where_the_entry_switches_them_on(bool isOn)
    {
        Bench bench = new(isScalable: true, hasAts: true);
        bench.SetSecondStage(marksAccesses: isOn);
        bench.SetLeaf(0x1000, Page | 3);

        bench.Dma(0x1000, isWrite: false);
        Assert.Equal(isOn ? 0x100ul : 0, bench.Leaf(0x1000) & 0x300);
        bench.Dma(0x1000, isWrite: true);
        Assert.Equal(isOn ? 0x300ul : 0, bench.Leaf(0x1000) & 0x300);

        // The first write asked the unit again, since only the unit can set the flag; the next need not.
        long hits = bench.Machine.Counters.DeviceTlbHits;
        Assert.Equal(isOn ? 0 : 1, hits);
        bench.Dma(0x1000, isWrite: true);
        Assert.Equal(hits + 1, bench.Machine.Counters.DeviceTlbHits);
    }

    [Fact]
    public void The_last_64_descriptors_are_remembered()
    {
        Bench bench = new(isScalable: true, hasAts: true);
        for (ulong page = 0; page < 100; page++)
        {
            bench.Unit.Submit(InvalidationDescriptor.OfPages(1, new(page << 12), 0, leavesOnly: true));
        }

        Assert.Equal(
            Enumerable.Range(36, 64).Select(i => (ulong)i << 12), bench.Unit.LastInvalidations.Select(d => d.Address.Value));
    }

    [Theory]
    [InlineData(0x1000ul, TdpAccess.Read, true, PageResponse.Invalid)]
    [InlineData(0x1000ul, TdpAccess.Read | TdpAccess.Execute, false, PageResponse.Invalid)]
    [InlineData(0x1000ul, TdpAccess.Execute, false, PageResponse.Success)]
    [InlineData(0x1000ul, TdpAccess.Read | TdpAccess.Write, false, PageResponse.Success)]
    [InlineData(0x1000ul, TdpAccess.None, false, PageResponse.Failure)]
    [InlineData(0x1_0000_0000_0000ul, TdpAccess.Read, false, PageResponse.Invalid)]
    [InlineData(0x8000_0000ul, TdpAccess.Read, false, PageResponse.Failure)]
    public void A_request_that_is_wrong_in_itself_is_invalid_and_one_that_can_not_be_served_fails(
        ulong address, TdpAccess access, bool isPrivileged, PageResponse expected)
    {
        foreach ((SharingMode mode, string variant) in new[] { (SharingMode.AsPosted, "high"), (SharingMode.Strict, "strict") })
        {
            ImportingHost host = ImportingHost.Create(mode, variant: variant);
            DmaDevice device = host.AddDevice();
            host.Attach(device);

            Assert.Equal(expected, device.RequestPages(new PageRequest(new(address), access, isPrivileged)));
            Assert.Equal(
                (1, expected == PageResponse.Invalid ? 0 : 1),
                (host.Machine.Counters.PageRequests, host.Machine.Counters.IoFaults));
        }
    }

    [Fact]
    public void The_first_error_of_a_group_stands_for_it_and_the_rest_is_not_handled()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted, slot: new MemorySlotSettings(new(0), 0x10_0000));
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        var events = new List<MachineEvent>();
        host.Machine.Observer = events.Add;

        Assert.Equal(PageResponse.Failure, device.RequestPages(
            new PageRequest(new(0x1000), TdpAccess.Read),
            new PageRequest(new(0x8000_0000), TdpAccess.Read),
            new PageRequest(new(0x2000), TdpAccess.Read)));

        Assert.Equal((3, 2), (host.Machine.Counters.PageRequests, host.Machine.Counters.IoFaults));
        Assert.Single(events, e => e.Kind == MachineEventKind.PageResponse);
        Assert.Equal(3, events.Count(e => e.Kind == MachineEventKind.PageRequest));
        Assert.Equal([0x1000ul], events.Where(e => e.Kind == MachineEventKind.Mapped).Select(e => e.Address));
        Assert.Throws<ArgumentException>(() => device.RequestPages());
    }

    [Fact]
    public void Nobody_answers_for_a_device_that_is_not_attached()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        DmaDevice device = host.AddDevice();
        Assert.Equal(Errno.None, device.EnablePageRequests());
        Assert.Equal(Errno.EBUSY, device.EnablePageRequests());

        Assert.Equal(PageResponse.Invalid, device.RequestPages(new PageRequest(new(0x1000), TdpAccess.Read)));

        Assert.Equal((1, 0), (host.Machine.Counters.PageRequests, host.Machine.Counters.IoFaults));
    }

    /// <summary>A unit with one device, whose second stage the test writes itself: 0x1000 is a read-only page.</summary>
    private sealed class Bench
    {
        private readonly HostPhysicalAddress[] _tables = new HostPhysicalAddress[5];

        public Bench(bool isScalable, bool hasAts, int? pasid = null)
        {
            Machine = new Machine(SharingMode.AsPosted);
            Assert.Equal(Errno.None, VtdUnit.Create(
                Machine, "iommu", ImportingHost.UnitSettings with { WantsScalable = isScalable }, out VtdUnit? unit));
            Unit = unit!;
            Assert.Equal(Errno.None, Unit.AddDevice(
                new(0, 8), new DmaDeviceSettings { HasAts = hasAts, Pasid = pasid }, out DmaDevice? device));
            Device = device!;
            for (int level = 4; level >= 1; level--)
            {
                Assert.True(Machine.TryAllocateTable(out _tables[level]));
                if (level < 4)
                {
                    Machine.Memory.Write(_tables[level + 1], _tables[level].Value | 3);
                }
            }

            SetLeaf(0x1000, Page | 1);
        }

        public Machine Machine { get; }

        public VtdUnit Unit { get; }

        public DmaDevice Device { get; }

        public HostPhysicalAddress Root => _tables[4];

        public void SetSecondStage(int levels = 4, HostPhysicalAddress? root = null, bool marksAccesses = false)
        {
            Assert.Equal(Errno.None, Unit.MakeTables(Device));
            Unit.SetSecondStage(Device, new SecondStagePointer(root ?? Root, levels, Domain, SnoopsPages: true, marksAccesses));
            Device.SetAts(true);
        }

        public void SetLeaf(ulong address, ulong entry, int level = 1) => Machine.Memory.Write(EntryOf(address, level), entry);

        public ulong Leaf(ulong address)
        {
            Assert.True(Machine.Memory.TryRead(EntryOf(address, 1), out ulong entry));
            return entry;
        }

        /// <summary>Puts a copy of the lowest table in its place and frees it.</summary>
        public HostPhysicalAddress MoveLowestTable()
        {
            HostPhysicalAddress old = _tables[1];
            Assert.True(Machine.TryAllocateTable(out HostPhysicalAddress copy));
            Machine.Memory.Write(new(copy.Value + 8), Leaf(0x1000));
            Machine.Memory.Write(_tables[2], copy.Value | 3);
            _tables[1] = copy;
            Machine.FreeTable(old);
            return copy;
        }

        public (DmaOutcome Outcome, VtdFaultReason Reason) Dma(ulong address, bool isWrite)
        {
            DmaAnswer answer = Device.Dma(new(address), isWrite);
            return (answer.Outcome, answer.Reason);
        }

        private HostPhysicalAddress EntryOf(ulong address, int level) =>
            new(_tables[level].Value + (((address >> (12 + (9 * (level - 1)))) & 511) * 8));
    }
}

using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

/// <summary>
/// The hazards that show at a device, each as posted and closed. The numbers are those of <see cref="Hazard"/>; what is asserted
/// is what the list of hazards says, not what the model happens to do.
/// </summary>
public sealed class ImportHazardTests
{
    private const ulong Mmio = 0xd000_0000;

    public static TheoryData<bool> Modes => [false, true];

    [Theory]
    [MemberData(nameof(Modes))]
    public void H1_an_MMIO_entry_lets_a_device_write_to_the_host_at_the_guest_s_address(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        Assert.True(host.VCpu.Access(new(Mmio), Access.Read).IsMmio);

        DmaAnswer write = device.Dma(new(Mmio + 0x18), isWrite: true);
        DmaAnswer read = device.Dma(new(Mmio + 0x18), isWrite: false);

        if (isStrict)
        {
            Assert.Equal((DmaOutcome.Failure, 1), (write.Outcome, write.PageRequests));
        }
        else
        {
            Assert.Equal((DmaOutcome.Done, 0), (write.Outcome, write.PageRequests));
            Assert.Equal(new HostPhysicalAddress(Mmio + 0x18), write.Output);
        }

        Assert.Equal(DmaOutcome.Failure, read.Outcome);
        Assert.True(host.VCpu.Access(new(Mmio), Access.Write).IsMmio);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H2_a_request_for_a_page_that_is_mapped_fails(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        host.Touch(0x1000);

        PageResponse response = device.RequestPages(new PageRequest(new(0x1000), TdpAccess.Read));

        Assert.Equal(isStrict ? PageResponse.Success : PageResponse.Failure, response);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H3_a_unit_walks_on_in_a_table_that_is_freed(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        host.Touch(0x1000);
        Assert.Equal(Errno.None, host.Vm.Split(new(0), 0x20_0000, out int split));
        Assert.Equal(1, split);
        Assert.Equal(DmaOutcome.Done, device.Dma(new(0x1000), isWrite: false).Outcome);

        Assert.Equal(1, host.Vm.Collapse(new(0), 0x20_0000));
        HostPhysicalAddress page = host.Touch(0x2000);
        DmaAnswer answer = device.Dma(new(0x2000), isWrite: false);

        InvalidationDescriptor flush = host.Unit.LastInvalidations.Last(d => d.Kind == InvalidationKind.IotlbPages);
        Assert.Equal(!isStrict, flush.LeavesOnly);
        Assert.Equal(!isStrict, answer.IsStale);
        Assert.Equal(isStrict ? 0 : 1, host.StaleHits(StalePlace.IommuPagingStructures));
        Assert.Equal(!isStrict, host.Machine.Counters.FreedTableReads != 0);
        if (isStrict)
        {
            Assert.Equal((DmaOutcome.Done, page, 0), (answer.Outcome, answer.Output, answer.PageRequests));
        }
        else
        {
            // The freed table says "not present", and KVM, whose table is fine, calls the request spurious.
            Assert.Equal(DmaOutcome.Failure, answer.Outcome);
        }
    }

    [Fact]
    public void H4_as_posted_a_second_table_takes_the_first_one_s_invalidations_and_a_reference()
    {
        ImportingHost host = Create(isStrict: false);
        DmaDevice device = host.AddDevice();
        KvmHwpt first = host.Attach(device);
        device.Dma(new(0x1000), isWrite: true);

        Assert.Equal(Errno.EBUSY, KvmHwpt.Allocate(host.Fd, device, host.Vm.Mm, false, out KvmHwpt? second));

        Assert.Null(second);
        Assert.Equal(1, host.Fd.References);
        Assert.Equal(1, host.Vm.UnmapHost(new(0x1000), 0x1000));
        Assert.True(device.Dma(new(0x1000), isWrite: true).IsStale);

        // The last reference was the table's: closing the file takes the root from under a device that still walks it.
        host.Fd.Put();
        Assert.True(host.Fd.IsReleased);
        Assert.Equal(Errno.None, first.Detach(device));
        Assert.Equal(Errno.None, first.Destroy());
    }

    [Fact]
    public void H4_strict_tables_are_told_apart()
    {
        ImportingHost host = Create(isStrict: true);
        DmaDevice device = host.AddDevice();
        DmaDevice other = host.AddDevice("00:02.0");
        KvmHwpt first = host.Attach(device);
        KvmHwpt second = host.Attach(other);
        Assert.Equal(3, host.Fd.References);
        foreach (DmaDevice each in new[] { device, other })
        {
            each.Dma(new(0x1000), isWrite: true);
        }

        Assert.Equal(1, host.Vm.UnmapHost(new(0x1000), 0x1000));

        Assert.Equal((1, false), (device.Dma(new(0x1000), true).PageRequests, device.Dma(new(0x1000), true).IsStale));
        Assert.Equal((0, false), (other.Dma(new(0x1000), true).PageRequests, other.Dma(new(0x1000), true).IsStale));
        Assert.Equal(Errno.None, first.Detach(device));
        Assert.Equal(Errno.None, first.Destroy());
        Assert.Equal(1, host.Vm.UnmapHost(new(0x1000), 0x1000));
        Assert.False(other.Dma(new(0x1000), true).IsStale);
        Assert.Equal(Errno.None, second.Detach(other));
        Assert.Equal(Errno.None, second.Destroy());
        Assert.Equal((1, 0), (host.Fd.References, host.Machine.Counters.StaleHits));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H4_a_creation_that_gets_no_memory_to_register_undoes_too_much(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        int references = host.Fd.References;

        // The table's object, the domain, the importer.
        host.Machine.Allocations.FailNext(3);
        Assert.Equal(Errno.ENOMEM, KvmHwpt.Allocate(host.Fd, device, host.Vm.Mm, false, out _));

        Assert.Equal(isStrict ? references : references - 1, host.Fd.References);
        Assert.Equal(!isStrict, host.Fd.IsReleased);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H5_a_flush_during_destruction_meets_a_domain_that_is_freed(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        KvmHwpt hwpt = host.Attach(device);
        device.Dma(new(0x1000), isWrite: true);
        Assert.Equal(Errno.None, hwpt.Detach(device));
        var warnings = new List<MachineEvent>();
        host.Machine.Observer = e => warnings.AddRange(e.Kind == MachineEventKind.Warning ? [e] : []);
        hwpt.InterruptDestroy(() => Assert.Equal(1, host.Vm.UnmapHost(new(0x1000), 0x1000)));

        Assert.Equal(Errno.None, hwpt.Destroy());

        Assert.Equal(isStrict ? 0 : 1, host.Machine.Counters.UsesAfterFree);
        Assert.Equal(isStrict ? 0 : 1, warnings.Count);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H6_a_device_goes_on_with_the_memory_of_a_process_that_has_ended(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        HostPhysicalAddress page = device.Dma(new(0x1000), isWrite: true).Output;

        host.Vm.ExitProcess();
        DmaAnswer answer = device.Dma(new(0x1000), isWrite: true);

        if (isStrict)
        {
            Assert.Equal((DmaOutcome.Failure, false), (answer.Outcome, answer.IsStale));
        }
        else
        {
            Assert.Equal((DmaOutcome.Done, true, page), (answer.Outcome, answer.IsStale, answer.Output));
            Assert.False(host.Machine.Frames.IsTaken(new(page.Value & ~0x1f_fffful)));
        }

        Assert.Equal(isStrict ? 0 : 1, host.StaleHits(StalePlace.DeviceTlb));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H7_a_request_for_broken_memory_is_never_answered_nor_any_after_it(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        Assert.Equal(Errno.None, host.Vm.Poison(new(0x7000)));

        Assert.Equal(
            isStrict ? DmaOutcome.Failure : DmaOutcome.NoAnswer, device.Dma(new(0x7000), isWrite: false).Outcome);
        Assert.Equal(
            isStrict ? PageResponse.Success : PageResponse.None,
            device.RequestPages(new PageRequest(new(0x40_0000), TdpAccess.Read)));
    }

    [Fact]
    public void H9_as_posted_a_unit_without_2_MiB_pages_is_taken_for_one_with_them()
    {
        // SLLPS 10b: 1-GiB pages only.
        VtdUnitSettings unit = ImportingHost.UnitSettings with { Cap = new((ImportingHost.Cap & ~(3ul << 34)) | (2ul << 34)) };
        ImportingHost host = Create(isStrict: false, unit);
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        host.Touch(0x1000);

        DmaAnswer answer = device.Dma(new(0x1000), isWrite: false);

        Assert.Equal((DmaOutcome.Fault, VtdFaultReason.SecondStageReserved), (answer.Outcome, answer.Reason));
        AssertRefused(unit);
    }

    [Fact]
    public void H9_as_posted_a_unit_that_takes_39_bits_is_taken_for_48()
    {
        VtdUnitSettings unit = ImportingHost.UnitSettings with { Cap = new VtdCap(ImportingHost.Cap).WithMaxGuestAddressWidth(39) };
        ImportingHost host = Create(isStrict: false, unit, new MemorySlotSettings(new(1ul << 39), 0x10_0000));
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        host.Touch(1ul << 39);

        DmaAnswer answer = device.Dma(new(1ul << 39), isWrite: false);

        Assert.Equal((DmaOutcome.Fault, VtdFaultReason.ScalableAddressBeyondWidth), (answer.Outcome, answer.Reason));
        AssertRefused(unit);
    }

    [Fact]
    public void H10_as_posted_a_unit_narrower_than_the_host_faults_on_what_it_was_given()
    {
        VtdUnitSettings unit = ImportingHost.UnitSettings with { HostAddressWidth = 32 };
        ImportingHost host = Create(isStrict: false, unit, new MemorySlotSettings(new(0), 8ul << 30, BackingLevel: 3));
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        HostPhysicalAddress page;
        ulong address = 0;
        for (; (page = host.Touch(address)).Value >> 32 == 0; address += 1ul << 30)
        {
        }

        DmaAnswer answer = device.Dma(new(address), isWrite: false);

        Assert.Equal((DmaOutcome.Fault, VtdFaultReason.SecondStageReserved), (answer.Outcome, answer.Reason));
        AssertRefused(unit);
    }

    [Fact]
    public void H10_strict_wants_bit_62_zero_and_the_strict_overlay_leaves_it()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.Strict, variant: "high");
        Assert.Equal(Errno.EOPNOTSUPP, KvmHwpt.Allocate(host.Fd, host.AddDevice(), host.Vm.Mm, false, out _));

        host = Create(isStrict: true);
        host.Attach(host.AddDevice());
    }

    [Fact]
    public void H10_strict_looks_at_each_unit_that_a_device_is_attached_behind()
    {
        ImportingHost host = Create(isStrict: true);
        KvmHwpt hwpt = host.Allocate(host.AddDevice());
        VtdUnit narrow = host.AddUnit("narrow", ImportingHost.UnitSettings with { HostAddressWidth = 45 });

        Assert.Equal(Errno.EINVAL, hwpt.Attach(host.AddDevice("00:02.0", unit: narrow)));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H11_a_flush_of_2_to_the_32_pages_is_dropped(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        device.Dma(new(0x1000), isWrite: true);

        Assert.Equal(1, host.Vm.WriteProtect(new(0), 1ul << 44));
        DmaAnswer answer = device.Dma(new(0x1000), isWrite: true);

        Assert.Equal((DmaOutcome.Done, !isStrict), (answer.Outcome, answer.IsStale));
        Assert.Equal(isStrict ? 1 : 0, answer.PageRequests);
        Assert.Equal(isStrict ? 0 : 1, host.StaleHits(StalePlace.DeviceTlb));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H13_what_a_device_does_is_missing_in_the_dirty_log_and_in_aging(bool isStrict)
    {
        var logged = new MemorySlotSettings(new(0), 0x10_0000, LogsDirty: true);
        ImportingHost host = Create(isStrict, slot: logged);
        DmaDevice device = host.AddDevice();
        KvmHwpt hwpt = host.Attach(device);
        device.Dma(new(0x1000), isWrite: true);
        Assert.Equal(1, host.Vm.TakeDirtyLog(new(0), 0x10_0000));
        Assert.Equal(0, host.Vm.TakeDirtyLog(new(0), 0x10_0000));

        Assert.Equal(0, device.Dma(new(0x1000), isWrite: true).PageRequests);
        Assert.Equal(isStrict ? 1 : 0, host.Vm.TakeDirtyLog(new(0), 0x10_0000));

        Assert.Equal(1, host.Vm.Age(new(0), 0x10_0000));
        Assert.Equal(0, host.Vm.Age(new(0), 0x10_0000));
        device.Dma(new(0x1000), isWrite: false);
        Assert.Equal(isStrict ? 1 : 0, host.Vm.Age(new(0), 0x10_0000));
        Assert.Equal(isStrict, hwpt.Domain.MarksAccesses);
        Assert.Equal(0, host.Machine.Counters.StaleHits);
    }

    [Fact]
    public void H13_strict_a_unit_without_the_flags_has_its_writes_protected_and_its_reads_taken_for_granted()
    {
        ImportingHost host = Create(
            isStrict: true,
            ImportingHost.UnitSettings with { Ecap = new(ImportingHost.Ecap & ~(1ul << 45)) },
            new MemorySlotSettings(new(0), 0x10_0000, LogsDirty: true));
        DmaDevice device = host.AddDevice();
        KvmHwpt hwpt = host.Attach(device);
        Assert.False(hwpt.Domain.MarksAccesses);
        device.Dma(new(0x1000), isWrite: true);
        Assert.Equal(1, host.Vm.TakeDirtyLog(new(0), 0x10_0000));

        Assert.Equal(1, device.Dma(new(0x1000), isWrite: true).PageRequests);
        Assert.Equal(1, host.Vm.TakeDirtyLog(new(0), 0x10_0000));
        Assert.Equal(1, host.Vm.Age(new(0), 0x10_0000));
        Assert.Equal(1, host.Vm.Age(new(0), 0x10_0000));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H14_a_request_with_bit_47_set_is_refused(bool isStrict)
    {
        const ulong high = 1ul << 47;
        ImportingHost host = ImportingHost.Create(
            isStrict ? SharingMode.Strict : SharingMode.AsPosted,
            ept: new EptCapabilities { MaxPhyAddr = 52 },
            unit: ImportingHost.UnitSettings with { HostAddressWidth = 52 },
            slot: new MemorySlotSettings(new(high), 0x10_0000),
            variant: isStrict ? "strict" : "high");
        DmaDevice device = host.AddDevice();
        host.Attach(device);

        Assert.Equal(
            isStrict ? PageResponse.Success : PageResponse.Invalid,
            device.RequestPages(new PageRequest(new(high), TdpAccess.Read)));
        Assert.Equal(isStrict ? DmaOutcome.Done : DmaOutcome.Invalid, device.Dma(new(high + 0x1000), isWrite: true).Outcome);

        // What the table does not translate is refused by both; a sign that fits is not, as posted.
        Assert.Equal(PageResponse.Invalid, device.RequestPages(new PageRequest(new(1ul << 48), TdpAccess.Read)));
        Assert.Equal(
            isStrict ? PageResponse.Invalid : PageResponse.Failure,
            device.RequestPages(new PageRequest(new(0xffff_8000_0000_0000), TdpAccess.Read)));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H15_detaching_switches_page_requests_off_under_another_user(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        Assert.Equal(Errno.None, device.EnablePageRequests());
        KvmHwpt hwpt = host.Attach(device);
        Assert.True(device.ArePageRequestsEnabled);

        Assert.Equal(Errno.None, hwpt.Detach(device));

        Assert.Equal(isStrict, device.ArePageRequestsEnabled);
        device.DisablePageRequests();
        Assert.False(device.ArePageRequestsEnabled);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H15_moving_to_another_table_does_not_look_whether_page_requests_are_on(bool isStrict)
    {
        // The other hazards that a second table and a second user meet are closed, to see this one alone.
        ImportingHost host = ImportingHost.Create(
            isStrict ? SharingMode.Strict : SharingMode.Closing(Hazard.ImportersConfused), variant: isStrict ? "strict" : "high");
        DmaDevice device = host.AddDevice();
        Assert.Equal(Errno.None, device.EnablePageRequests());
        host.Attach(device);
        device.DisablePageRequests();

        Assert.Equal(Errno.None, host.Allocate(device).Attach(device));

        Assert.Equal(isStrict, device.ArePageRequestsEnabled);
        DmaAnswer answer = device.Dma(new(0x1000), isWrite: true);
        Assert.Equal(isStrict ? DmaOutcome.Done : DmaOutcome.Fault, answer.Outcome);
        Assert.Equal(isStrict ? VtdFaultReason.None : VtdFaultReason.SecondStageDenied, answer.Reason);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H16_a_table_of_another_process_is_found_out_at_its_first_fault(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        var other = new ProcessMemory("another process");
        Assert.Equal(Errno.None, KvmHwpt.Allocate(host.Fd, device, other, false, out KvmHwpt? hwpt));
        Assert.Equal(Errno.None, hwpt!.Attach(device));

        Assert.Equal(DmaOutcome.Failure, device.Dma(new(0x1000), isWrite: true).Outcome);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void H26_a_missing_flush_is_seen_in_the_device_s_TLB_and_in_the_unit_s(bool isStrict)
    {
        ImportingHost host = Create(isStrict);
        DmaDevice device = host.AddDevice();
        DmaDevice late = host.AddDevice("00:02.0");
        KvmHwpt hwpt = host.Attach(device);
        Assert.Equal(Errno.None, hwpt.Attach(late));
        device.Dma(new(0x1000), isWrite: true);

        host.Vm.ExitProcess();
        long iotlbHits = host.Machine.Counters.IotlbHits;
        DmaAnswer kept = device.Dma(new(0x1000), isWrite: false);
        DmaAnswer asked = late.Dma(new(0x1000), isWrite: false);

        // A device that asks only now is answered from the unit's IOTLB.
        Assert.Equal(isStrict ? DmaOutcome.Failure : DmaOutcome.Done, kept.Outcome);
        Assert.Equal(isStrict ? DmaOutcome.Failure : DmaOutcome.Done, asked.Outcome);
        Assert.Equal(isStrict ? 0 : 1, host.StaleHits(StalePlace.DeviceTlb));
        Assert.Equal(isStrict ? 0 : 1, host.StaleHits(StalePlace.Iotlb));
        Assert.Equal(isStrict ? 0 : 1, host.Machine.Counters.IotlbHits - iotlbHits);
    }

    private static ImportingHost Create(bool isStrict, VtdUnitSettings? unit = null, MemorySlotSettings? slot = null) =>
        ImportingHost.Create(
            isStrict ? SharingMode.Strict : SharingMode.AsPosted,
            unit: unit,
            slot: slot,
            variant: isStrict ? "strict" : "high");

    private static void AssertRefused(VtdUnitSettings unit)
    {
        ImportingHost host = Create(isStrict: true, unit);
        Assert.Equal(Errno.EOPNOTSUPP, KvmHwpt.Allocate(host.Fd, host.AddDevice(), host.Vm.Mm, false, out _));
    }
}

using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

/// <summary>The other two ways to serve page requests: a table of the importer's own, filled by itself or by KVM.</summary>
public sealed class ServingTests
{
    public static TheoryData<Serving> OwnTables => [Serving.Separate, Serving.Mirrored];

    [Fact]
    public void A_separate_table_is_filled_without_KVM_s()
    {
        ImportingHost host = Create(Serving.Separate);
        DmaDevice device = host.AddDevice();
        KvmHwpt hwpt = host.Attach(device);
        int tables = host.Vm.TableCount;

        DmaAnswer answer = device.Dma(new(0x1000), isWrite: true);

        Assert.Equal((DmaOutcome.Done, 1), (answer.Outcome, answer.PageRequests));
        Assert.Equal((1, 1, tables), (host.Machine.Counters.IoFaults, host.Machine.Counters.PageRequests, host.Vm.TableCount));

        // A 2-MiB page behind 4 levels of 48 bits.
        Assert.Equal((4, 3), (hwpt.Levels, hwpt.TableCount));

        // The vCPU finds the same memory, by a fault of its own.
        Assert.Equal(answer.Output, host.Touch(0x1000));
        Assert.Equal(1, host.Machine.Counters.CpuFaults);
    }

    [Fact]
    public void A_mirrored_table_is_filled_on_either_side_s_fault()
    {
        ImportingHost host = Create(Serving.Mirrored);
        DmaDevice device = host.AddDevice();
        KvmHwpt hwpt = host.Attach(device);

        HostPhysicalAddress page = host.Touch(0x1000);
        DmaAnswer warm = device.Dma(new(0x1000), isWrite: true);
        Assert.Equal((DmaOutcome.Done, page, 0), (warm.Outcome, warm.Output, warm.PageRequests));

        DmaAnswer cold = device.Dma(new(0x40_0000), isWrite: true);
        Assert.Equal((DmaOutcome.Done, 1), (cold.Outcome, cold.PageRequests));
        long faults = host.Machine.Counters.CpuFaults;
        Assert.Equal(cold.Output, host.Touch(0x40_0000));
        Assert.Equal(faults, host.Machine.Counters.CpuFaults);
        Assert.Equal(3, hwpt.TableCount);
    }

    [Fact]
    public void What_was_mapped_before_a_mirror_came_is_mapped_on_the_device_s_fault_and_is_no_failure()
    {
        ImportingHost host = Create(Serving.Mirrored);
        HostPhysicalAddress page = host.Touch(0x1000);
        DmaDevice device = host.AddDevice();
        host.Attach(device);

        DmaAnswer answer = device.Dma(new(0x1000), isWrite: true);

        Assert.Equal((DmaOutcome.Done, page, 1), (answer.Outcome, answer.Output, answer.PageRequests));
    }

    [Theory]
    [MemberData(nameof(OwnTables))]
    public void Memory_that_the_host_takes_is_gone_for_the_device_and_comes_back_elsewhere(Serving serving)
    {
        ImportingHost host = Create(serving);
        DmaDevice device = host.AddDevice();
        KvmHwpt hwpt = host.Attach(device);
        HostPhysicalAddress page = device.Dma(new(0x1000), isWrite: true).Output;

        int zapped = host.Vm.UnmapHost(new(0x1000), 0x1000);

        Assert.Equal(serving == Serving.Mirrored ? 2 : 1, zapped);
        Assert.Equal(1, hwpt.TableCount);
        DmaAnswer again = device.Dma(new(0x1000), isWrite: true);
        Assert.Equal((DmaOutcome.Done, 1, false), (again.Outcome, again.PageRequests, again.IsStale));
        Assert.NotEqual(page, again.Output);
        Assert.Equal((0, 0), (host.Machine.Counters.StaleHits, host.Machine.Counters.FreedTableReads));

        // The range went with its tables: the hint is not given, whatever the mode.
        Assert.DoesNotContain(host.Unit.LastInvalidations, d => d.LeavesOnly);
    }

    [Theory]
    [MemberData(nameof(OwnTables))]
    public void Emulated_MMIO_never_gets_into_an_own_table(Serving serving)
    {
        ImportingHost host = Create(serving);
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        Assert.True(host.VCpu.Access(new(0xd000_0000), Access.Write).IsMmio);

        Assert.Equal(DmaOutcome.Failure, device.Dma(new(0xd000_0000), isWrite: true).Outcome);
    }

    [Theory]
    [MemberData(nameof(OwnTables))]
    public void Rights_and_privacy_of_memory_hold_for_devices(Serving serving)
    {
        ImportingHost host = Create(serving);
        Assert.Equal(Errno.None, host.Vm.AddSlot(
            new MemorySlotSettings(new(0x8000_0000), 0x10_0000, IsReadOnly: true), out _));
        Assert.Equal(Errno.None, host.Vm.AddSlot(
            new MemorySlotSettings(new(0x9000_0000), 0x10_0000, IsPrivate: true), out _));
        DmaDevice device = host.AddDevice();
        host.Attach(device);

        Assert.Equal(DmaOutcome.Done, device.Dma(new(0x8000_0000), isWrite: false).Outcome);
        Assert.Equal(DmaOutcome.Failure, device.Dma(new(0x8000_0000), isWrite: true).Outcome);
        host.Touch(0x9000_0000);
        Assert.Equal(DmaOutcome.Failure, device.Dma(new(0x9000_0000), isWrite: false).Outcome);
    }

    [Theory]
    [MemberData(nameof(OwnTables))]
    public void What_KVM_tracks_is_read_only_to_devices_from_then_on(Serving serving)
    {
        ImportingHost host = Create(serving);
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        Assert.Equal(DmaOutcome.Done, device.Dma(new(0x1000), isWrite: true).Outcome);

        Assert.Equal(1, host.Vm.TrackWrites(new(0x1000), 0x1000));

        Assert.Equal(DmaOutcome.Failure, device.Dma(new(0x1000), isWrite: true).Outcome);
        Assert.Equal(DmaOutcome.Done, device.Dma(new(0x1000), isWrite: false).Outcome);
        Assert.Equal(DmaOutcome.Failure, device.Dma(new(0x1000), isWrite: true).Outcome);
        Assert.Equal(DmaOutcome.Done, device.Dma(new(0x2000), isWrite: true).Outcome);
        Assert.Equal(0, host.Machine.Counters.StaleHits);
    }

    [Theory]
    [MemberData(nameof(OwnTables))]
    public void Slots_that_go_take_only_their_own_pages(Serving serving)
    {
        ImportingHost host = Create(serving);
        Assert.Equal(Errno.None, host.Vm.AddSlot(new MemorySlotSettings(new(0x8000_0000), 0x10_0000), out MemorySlot? slot));
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        device.Dma(new(0x1000), isWrite: true);
        device.Dma(new(0x8000_0000), isWrite: true);

        Assert.Equal(Errno.None, host.Vm.DeleteSlot(slot!));

        Assert.Equal(0, device.Dma(new(0x1000), isWrite: true).PageRequests);
        Assert.Equal(DmaOutcome.Failure, device.Dma(new(0x8000_0000), isWrite: true).Outcome);
        Assert.Equal(0, host.Machine.Counters.StaleHits);
    }

    [Theory]
    [MemberData(nameof(OwnTables))]
    public void The_end_of_the_process_is_the_end_of_the_device_s_memory(Serving serving)
    {
        ImportingHost host = Create(serving);
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        device.Dma(new(0x1000), isWrite: true);

        host.Vm.ExitProcess();

        DmaAnswer answer = device.Dma(new(0x1000), isWrite: true);
        Assert.Equal((DmaOutcome.Failure, false), (answer.Outcome, answer.IsStale));
    }

    [Fact]
    public void Another_process_s_table_gets_nothing()
    {
        ImportingHost host = Create(Serving.Separate);
        DmaDevice device = host.AddDevice();
        Assert.Equal(Errno.None, KvmHwpt.Allocate(host.Fd, device, new ProcessMemory("another"), false, out KvmHwpt? hwpt));
        Assert.Equal(Errno.None, hwpt!.Attach(device));

        Assert.Equal(DmaOutcome.Failure, device.Dma(new(0x1000), isWrite: true).Outcome);
    }

    [Theory]
    [MemberData(nameof(OwnTables))]
    public void Several_tables_follow_the_memory_in_either_mode(Serving serving)
    {
        ImportingHost host = Create(serving);
        DmaDevice first = host.AddDevice();
        DmaDevice second = host.AddDevice("00:02.0");
        KvmHwpt one = host.Attach(first);
        KvmHwpt two = host.Attach(second);
        Assert.Equal(first.Dma(new(0x1000), true).Output, second.Dma(new(0x1000), true).Output);

        host.Vm.UnmapHost(new(0x1000), 0x1000);
        Assert.Equal((1, 1), (one.TableCount, two.TableCount));
        Assert.Equal(first.Dma(new(0x1000), true).Output, second.Dma(new(0x1000), true).Output);
        Assert.Equal(0, host.Machine.Counters.StaleHits);

        int tables = host.Machine.Memory.TableCount;
        Assert.Equal(Errno.None, two.Detach(second));
        Assert.Equal(Errno.None, two.Destroy());
        Assert.Equal((0, tables - 3), (two.TableCount, host.Machine.Memory.TableCount));
        host.Vm.UnmapHost(new(0x1000), 0x1000);
        Assert.Equal(1, one.TableCount);
    }

    [Theory]
    [InlineData(39, 0x200ul, 48, 3)]
    [InlineData(39, 0x600ul, 48, 3)]
    [InlineData(39, 0x400ul, 48, 4)]
    [InlineData(40, 0x600ul, 48, 4)]
    [InlineData(40, 0x800ul, 57, 5)]
    [InlineData(40, 0x200ul, 48, 0)]
    [InlineData(40, 0xe00ul, 39, 0)]
    [InlineData(46, 0xe00ul, 46, 4)]
    public void As_many_levels_are_taken_as_the_guest_s_addresses_need(int width, ulong sagaw, int mgaw, int levels)
    {
        var machine = new Machine(SharingMode.AsPosted);
        var vm = new Vm(
            machine,
            new VmxVendor(new EptCapabilities { MaxPhyAddr = 46 }, "high"),
            new VmSettings { Serving = Serving.Separate });
        vm.AddVCpu(width);
        Assert.Equal(Errno.None, vm.CreateTdpFd(0, 0, 0, out TdpFd? fd));
        var cap = new VtdCap((ImportingHost.Cap & ~0x1f00ul) | sagaw);
        Assert.Equal(Errno.None, VtdUnit.Create(
            machine, "iommu", ImportingHost.UnitSettings with { Cap = cap.WithMaxGuestAddressWidth(mgaw) }, out VtdUnit? unit));
        Assert.Equal(Errno.None, unit!.AddDevice(new(0, 8), new DmaDeviceSettings(), out DmaDevice? device));

        Errno error = KvmHwpt.Allocate(fd, device!, vm.Mm, isNestParent: false, out KvmHwpt? hwpt);

        Assert.Equal((levels == 0 ? Errno.EOPNOTSUPP : Errno.None, levels), (error, hwpt?.Levels ?? 0));
    }

    [Fact]
    public void A_unit_that_could_not_share_KVM_s_table_serves_an_own_one()
    {
        // No snoop control, no coherent walks, no 1-GiB pages, and narrower than the host.
        VtdUnitSettings poor = ImportingHost.UnitSettings with
        {
            Cap = new(ImportingHost.Cap & ~(1ul << 35)),
            Ecap = new(ImportingHost.Ecap & ~(1ul << 7) & ~(1ul << 48)),
            HostAddressWidth = 40,
        };
        ImportingHost host = ImportingHost.Create(
            SharingMode.Strict,
            new VmSettings { Serving = Serving.Separate },
            poor,
            slot: new MemorySlotSettings(new(0), 2ul << 30, BackingLevel: 3));
        DmaDevice device = host.AddDevice();
        KvmHwpt hwpt = host.Attach(device);

        Assert.Equal(DmaOutcome.Done, device.Dma(new(0x1000), isWrite: true).Outcome);
        Assert.Equal((DmaOutcome.Done, 0), (device.Dma(new(0x3fff_f000), true).Outcome, device.Dma(new(0x1000), true).PageRequests));
        Assert.Equal(host.Touch(0x1234_5000), device.Dma(new(0x1234_5000), isWrite: true).Output);
        Assert.Equal(3, hwpt.TableCount);

        // Another unit may serve the same table if it takes all that stands in it.
        VtdUnit good = host.AddUnit("good", ImportingHost.UnitSettings);
        VtdUnit narrower = host.AddUnit("narrower", poor with { HostAddressWidth = 39 });
        DmaDevice other = host.AddDevice("00:02.0", unit: good);
        Assert.Equal(Errno.None, hwpt.Attach(other));
        Assert.Equal(Errno.EINVAL, hwpt.Attach(host.AddDevice("00:03.0", unit: narrower)));
        Assert.Equal(0, other.Dma(new(0x1000), isWrite: true).PageRequests);
        host.Vm.UnmapHost(new(0x1000), 0x1000);
        Assert.Equal((1, 0), (other.Dma(new(0x1000), true).PageRequests, device.Dma(new(0x1000), true).PageRequests));
        Assert.Equal(0, host.Machine.Counters.StaleHits);
    }

    [Theory]
    [MemberData(nameof(OwnTables))]
    public void Memory_that_a_unit_can_not_address_is_refused_to_its_devices_alone(Serving serving)
    {
        // Of two pages of 1 GiB the host puts the second one above 4 GiB.
        ImportingHost host = ImportingHost.Create(
            SharingMode.AsPosted,
            new VmSettings { Serving = serving },
            slot: new MemorySlotSettings(new(0), 2ul << 30, BackingLevel: 3));
        DmaDevice narrow = host.AddDevice(
            "00:02.0", unit: host.AddUnit("narrow", ImportingHost.UnitSettings with { HostAddressWidth = 32 }));
        host.Attach(narrow);
        DmaDevice wide = host.AddDevice();
        host.Attach(wide);
        Assert.Equal(DmaOutcome.Done, narrow.Dma(new(0x1000), isWrite: true).Outcome);

        // One request, answered with what is the matter: none is sent again for a page that is said to be there.
        DmaAnswer refused = narrow.Dma(new(0x4000_1000), isWrite: true);
        Assert.Equal((DmaOutcome.Failure, 1), (refused.Outcome, refused.PageRequests));

        DmaAnswer done = wide.Dma(new(0x4000_1000), isWrite: true);
        Assert.Equal((DmaOutcome.Done, 0x1_0000_1000ul), (done.Outcome, done.Output.Value));
        Assert.Equal(done.Output, host.Touch(0x4000_1000));
        Assert.Equal(DmaOutcome.Failure, narrow.Dma(new(0x4000_1000), isWrite: true).Outcome);
    }

    [Theory]
    [MemberData(nameof(OwnTables))]
    public void A_device_is_told_that_its_table_has_no_memory_left(Serving serving)
    {
        ImportingHost host = Create(serving);
        host.Touch(0x1000);
        DmaDevice device = host.AddDevice();
        host.Attach(device);

        // KVM has the page; what is allocated is a table of the importer.
        host.Machine.Allocations.FailNext(1);
        DmaAnswer refused = device.Dma(new(0x1000), isWrite: true);

        Assert.Equal((DmaOutcome.Failure, 1), (refused.Outcome, refused.PageRequests));
        DmaAnswer done = device.Dma(new(0x1000), isWrite: true);
        Assert.Equal((DmaOutcome.Done, 1), (done.Outcome, done.PageRequests));
    }

    [Fact]
    public void A_vcpu_does_not_pay_for_a_mirror_that_can_not_hold_its_page()
    {
        ImportingHost host = Create(Serving.Mirrored);
        Assert.Equal(Errno.None, host.Vm.AddSlot(new MemorySlotSettings(new(0x8000_0000), 0x10_0000), out _));
        DmaDevice device = host.AddDevice();
        host.Attach(device);
        host.Touch(0x1000);

        // KVM takes its tables from a cache that is filled; what is allocated is one of the mirror.
        host.Machine.Allocations.FailNext(1);
        HostPhysicalAddress page = host.Touch(0x8000_0000);

        DmaAnswer answer = device.Dma(new(0x8000_0000), isWrite: true);
        Assert.Equal((DmaOutcome.Done, page, 1), (answer.Outcome, answer.Output, answer.PageRequests));
    }

    [Fact]
    public void A_legacy_unit_has_no_page_requests_to_serve()
    {
        ImportingHost host = Create(Serving.Separate, ImportingHost.UnitSettings with { WantsScalable = false });
        DmaDevice device = host.AddDevice();

        Assert.Equal(Errno.ENODEV, host.Allocate(device).Attach(device));
        Assert.Equal(VtdFaultReason.ContextNotPresent, device.Dma(new(0x1000), isWrite: false).Reason);
    }

    private static ImportingHost Create(Serving serving, VtdUnitSettings? unit = null) =>
        ImportingHost.Create(SharingMode.AsPosted, new VmSettings { Serving = serving }, unit);
}

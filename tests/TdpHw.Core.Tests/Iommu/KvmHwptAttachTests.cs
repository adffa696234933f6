using TdpHw.Core.Iommu;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

public sealed class KvmHwptAttachTests
{
    private static readonly VtdUnitSettings Good = ImportingHost.UnitSettings;

    public static TheoryData<ulong, bool, bool, int?> NoPageRequests => new()
    {
        { ImportingHost.Ecap & ~(1ul << 29), true, true, null }, // PRS
        { ImportingHost.Ecap & ~(1ul << 40), true, true, null }, // PASID
        { ImportingHost.Ecap & ~(1ul << 40), true, true, 5 },
        { ImportingHost.Ecap & ~(1ul << 2), true, true, null }, // DT
        { ImportingHost.Ecap, false, true, null },
        { ImportingHost.Ecap, true, false, null },
    };

    [Theory]
    [MemberData(nameof(NoPageRequests))]
    public void A_device_that_can_not_ask_for_pages_is_not_attached(ulong ecap, bool hasAts, bool hasPri, int? pasid)
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        VtdUnit unit = host.AddUnit("other", Good with { Ecap = new(ecap) });
        DmaDevice device = host.AddDevice(
            "00:02.0", new DmaDeviceSettings { HasAts = hasAts, HasPri = hasPri, Pasid = pasid }, unit);
        KvmHwpt hwpt = host.Allocate(host.AddDevice());

        Assert.Equal(Errno.ENODEV, hwpt.Attach(device));

        Assert.Null(device.Hwpt);
        Assert.False(device.IsAtsEnabled);
        Assert.Equal(DmaOutcome.Fault, device.Dma(new(0x1000), isWrite: false).Outcome);
        Assert.Equal(Errno.None, hwpt.Destroy());
    }

    [Theory]
    [InlineData(ImportingHost.Cap & ~(1ul << 35), ImportingHost.Ecap)]
    [InlineData(ImportingHost.Cap & ~(1ul << 10), ImportingHost.Ecap & ~(1ul << 43))]
    [InlineData(ImportingHost.Cap, ImportingHost.Ecap & ~(1ul << 48))]
    public void A_unit_that_can_not_walk_the_table_is_refused_with_another_error_than_at_allocation(ulong cap, ulong ecap)
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        VtdUnit unit = host.AddUnit("other", Good with { Cap = new(cap), Ecap = new(ecap) });
        DmaDevice device = host.AddDevice("00:02.0", unit: unit);
        KvmHwpt hwpt = host.Allocate(host.AddDevice());

        Assert.Equal(Errno.EINVAL, hwpt.Attach(device));
        Assert.Null(device.Hwpt);
        Assert.Equal(Errno.None, hwpt.Destroy());
    }

    [Fact]
    public void A_table_is_destroyed_only_when_nothing_is_attached()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        DmaDevice device = host.AddDevice();
        KvmHwpt hwpt = host.Attach(device);

        Assert.Equal(Errno.EBUSY, hwpt.Destroy());
        Assert.Equal(Errno.EBUSY, device.Remove());
        Assert.Equal(Errno.None, hwpt.Attach(device));
        Assert.Equal(Errno.None, hwpt.Detach(device));
        Assert.Equal(Errno.EINVAL, hwpt.Detach(device));
        Assert.Equal(Errno.None, hwpt.Destroy());
        Assert.Equal(Errno.ENOENT, hwpt.Attach(device));
        Assert.Equal(Errno.None, device.Remove());
        Assert.Equal(Errno.ENODEV, hwpt.Attach(device));
    }

    [Fact]
    public void The_device_s_entries_say_what_the_series_wants_bit_by_bit()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        DmaDevice device = host.AddDevice("03:02.1");
        host.Attach(device);

        ulong[] root = Words(host, host.Unit.Rtaddr.RootTable, 3, 2);
        ulong[] context = Words(host, Table(root[0]), (2 << 3) | 1, 4);
        ulong directory = Words(host, Table(context[0]), 0, 1)[0];
        ulong[] pasid = Words(host, Table(directory), 0, 8);

        // RTADDR: scalable mode. Root entry: lower half present, upper one not.
        Assert.Equal(0x400ul, host.Unit.Rtaddr.Raw & 0xfff);
        Assert.Equal((1ul, 0ul), (root[0] & 0xfff, root[1]));

        // Context entry: P, DTE, PASIDE, PRE; PDTS 0; RID_PASID 0.
        Assert.Equal(0x1dul, context[0] & 0xfff);
        Assert.Equal([0ul, 0ul, 0ul], context[1..]);

        // Directory entry: P. PASID entry: P, AW 2 for four levels, PGTT 2 for second stage, the exported root; DID;
        // PWSNP is bit 87 and PGSNP bit 88; nothing else, SSADE least of all.
        Assert.Equal(1ul, directory & 0xfff);
        Assert.Equal(host.Fd.Root!.Address.Value | 1 | (2 << 2) | (2 << 6), pasid[0]);
        Assert.Equal(1ul | (1ul << (87 - 64)) | (1ul << (88 - 64)), pasid[1]);
        Assert.Equal(new ulong[6], pasid[2..]);
    }

    [Fact]
    public void Strict_entries_switch_accessed_and_dirty_flags_on_where_the_unit_has_them()
    {
        foreach ((ulong ecap, ulong expected) in new[] { (ImportingHost.Ecap, 1ul << 9), (ImportingHost.Ecap & ~(1ul << 45), 0ul) })
        {
            ImportingHost host = ImportingHost.Create(
                SharingMode.Strict, unit: Good with { Ecap = new(ecap) }, variant: "strict");
            DmaDevice device = host.AddDevice("00:00.0");
            KvmHwpt hwpt = host.Attach(device);

            ulong context = Words(host, Table(Words(host, host.Unit.Rtaddr.RootTable, 0, 2)[0]), 0, 4)[0];
            ulong pasid = Words(host, Table(Words(host, Table(context), 0, 1)[0]), 0, 8)[0];
            Assert.Equal(expected, pasid & (1ul << 9));
            Assert.Equal(expected != 0, hwpt.Domain.MarksAccesses);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(77)]
    [InlineData(32767)]
    [InlineData(1_048_575)]
    public void A_device_with_a_PASID_has_its_entry_there(int pasid)
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        DmaDevice device = host.AddDevice("00:1f.7", new DmaDeviceSettings { Pasid = pasid });
        int tables = host.Machine.Memory.TableCount;
        KvmHwpt hwpt = host.Attach(device);

        var view = new VtdDeviceTables<HostMemoryView>(host.Machine.View, host.Unit.Rtaddr);
        VtdDevice found = view.Find(device.Address, pasid);
        Assert.Equal((host.Fd.Root!.Address, 4, pasid), (found.Root, found.Levels, found.Pasid));
        Assert.Equal(VtdFaultReason.None, found.Fault);
        Assert.Equal(pasid == 0, view.Find(device.Address).Fault == VtdFaultReason.None);
        Assert.Equal(DmaOutcome.Done, device.Dma(new(0x1000), isWrite: true).Outcome);

        Assert.Equal(Errno.None, hwpt.Detach(device));
        Assert.Equal(VtdFaultReason.PasidNotPresent, view.Find(device.Address, pasid).Fault);
        Assert.Equal(Errno.None, device.Remove());
        Assert.Equal(VtdFaultReason.ScalableContextNotPresent, view.Find(device.Address, pasid).Fault);

        // The context table is the unit's and stays; the VM's tables are counted with the export's cache already.
        Assert.Equal(tables + 1, host.Machine.Memory.TableCount);
    }

    [Fact]
    public void An_entry_becomes_present_with_its_last_store_and_goes_with_its_first()
    {
        var stores = new StoreRecorder();
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted, interleaving: stores);
        DmaDevice device = host.AddDevice();
        KvmHwpt hwpt = host.Allocate(device);

        stores.Begin(host.Machine.Memory);
        Assert.Equal(Errno.None, hwpt.Attach(device));
        ulong[] made = stores.End();
        ulong entry = PasidEntry(host, device).Value;

        Assert.Equal(Enumerable.Range(0, 8).Reverse().Select(i => entry + ((ulong)i * 8)), made.Where(a => a - entry < 64));

        stores.Begin(host.Machine.Memory);
        Assert.Equal(Errno.None, hwpt.Detach(device));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => entry + ((ulong)i * 8)), stores.End().Where(a => a - entry < 64));
    }

    [Fact]
    public void Detaching_makes_unit_and_device_forget_and_refuses_what_comes_then()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        DmaDevice device = host.AddDevice();
        KvmHwpt hwpt = host.Attach(device);
        Assert.Equal(DmaOutcome.Done, device.Dma(new(0x1000), isWrite: true).Outcome);
        int before = host.Unit.LastInvalidations.Length;

        Assert.Equal(Errno.None, hwpt.Detach(device));

        Assert.Equal(
            [InvalidationKind.PasidCache, InvalidationKind.IotlbDomain, InvalidationKind.DeviceTlb],
            host.Unit.LastInvalidations.Skip(before).Select(d => d.Kind));
        DmaAnswer refused = device.Dma(new(0x1000), isWrite: true);
        Assert.Equal((DmaOutcome.Fault, VtdFaultReason.PasidNotPresent), (refused.Outcome, refused.Reason));
        Assert.Equal(0, host.Machine.Counters.StaleHits);

        Assert.Equal(Errno.None, hwpt.Attach(device));
        Assert.Equal((DmaOutcome.Done, 0), (device.Dma(new(0x1000), isWrite: true).Outcome, device.Dma(new(0x1000), true).PageRequests));
    }

    [Fact]
    public void Units_that_cache_entries_which_are_not_present_are_told_of_new_ones()
    {
        ImportingHost host = ImportingHost.Create(
            SharingMode.AsPosted, unit: Good with { Cap = new(ImportingHost.Cap | (1ul << 7)) });
        host.Attach(host.AddDevice());

        Assert.Equal(
            [InvalidationKind.PasidCache, InvalidationKind.IotlbDomain], host.Unit.LastInvalidations.Select(d => d.Kind));
        host = ImportingHost.Create(SharingMode.AsPosted);
        host.Attach(host.AddDevice());
        Assert.Empty(host.Unit.LastInvalidations);
    }

    [Fact]
    public void A_device_moves_from_one_table_to_another()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.Strict, variant: "strict");
        DmaDevice device = host.AddDevice();
        KvmHwpt first = host.Attach(device);
        KvmHwpt second = host.Allocate(device);
        HostPhysicalAddress page = device.Dma(new(0x1000), isWrite: true).Output;

        Assert.Equal(Errno.None, second.Attach(device));

        Assert.Same(second, device.Hwpt);
        Assert.True(device.ArePageRequestsEnabled);
        Assert.Equal(Errno.EINVAL, first.Detach(device));
        Assert.Equal(Errno.None, first.Destroy());
        Assert.Equal(page, device.Dma(new(0x1000), isWrite: true).Output);

        // The table that is left is told of what goes.
        Assert.Equal(1, host.Vm.UnmapHost(new(0x1000), 0x1000));
        DmaAnswer again = device.Dma(new(0x1000), isWrite: true);
        Assert.Equal((DmaOutcome.Done, 1), (again.Outcome, again.PageRequests));
        Assert.NotEqual(page, again.Output);
        Assert.Equal(0, host.Machine.Counters.StaleHits);
    }

    [Fact]
    public void A_move_that_fails_leaves_the_device_where_it_was()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.Strict, variant: "strict");
        DmaDevice device = host.AddDevice();
        KvmHwpt first = host.Attach(device);
        KvmHwpt second = host.Allocate(device);

        host.Machine.Allocations.FailNext(1);
        Assert.Equal(Errno.ENOMEM, second.Attach(device));

        Assert.Same(first, device.Hwpt);
        Assert.Equal(DmaOutcome.Done, device.Dma(new(0x1000), isWrite: true).Outcome);
        Assert.Equal(Errno.None, second.Destroy());
    }

    [Fact]
    public void Attaching_without_memory_leaves_the_device_detached()
    {
        // The domain's place on the unit, a context table, a directory and a PASID table.
        for (int allocation = 1; allocation <= 4; allocation++)
        {
            ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
            DmaDevice device = host.AddDevice();
            KvmHwpt hwpt = host.Allocate(device);

            host.Machine.Allocations.FailNext(allocation);
            Assert.Equal(Errno.ENOMEM, hwpt.Attach(device));

            Assert.Null(device.Hwpt);
            Assert.Equal(Errno.None, hwpt.Attach(device));
            Assert.Equal(1, Domain(host, device));
        }
    }

    [Fact]
    public void A_unit_gives_each_table_a_number_and_runs_out_of_them()
    {
        // CAP.ND 0: 16 numbers, of which number 0 is not used.
        ImportingHost host = ImportingHost.Create(
            SharingMode.Strict, unit: Good with { Cap = new(ImportingHost.Cap & ~7ul) }, variant: "strict");
        var devices = new List<DmaDevice>();
        var tables = new List<KvmHwpt>();
        for (int i = 0; i < 15; i++)
        {
            devices.Add(host.AddDevice($"00:{i:x2}.0"));
            tables.Add(host.Attach(devices[i]));
        }

        Assert.Equal(Enumerable.Range(1, 15), devices.Select(d => Domain(host, d)));
        DmaDevice last = host.AddDevice("00:1f.0");
        KvmHwpt table = host.Allocate(last);
        Assert.Equal(Errno.ENOSPC, table.Attach(last));

        // Devices that share a table share its number; a number comes back when the last of them goes.
        Assert.Equal(Errno.None, tables[3].Attach(last));
        Assert.Equal(4, Domain(host, last));
        Assert.Equal(Errno.None, tables[3].Detach(devices[3]));
        Assert.Equal(Errno.ENOSPC, table.Attach(devices[3]));
        Assert.Equal(Errno.None, tables[3].Detach(last));
        Assert.Equal(Errno.None, table.Attach(last));
        Assert.Equal(4, Domain(host, last));
    }

    [Fact]
    public void Devices_have_addresses_of_their_own_and_PASIDs_of_20_bits()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        DmaDevice device = host.AddDevice("00:01.0");

        Assert.Equal(Errno.EEXIST, host.Unit.AddDevice(device.Address, new DmaDeviceSettings(), out _));
        Assert.Equal(Errno.EINVAL, host.Unit.AddDevice(new(0, 1), new DmaDeviceSettings { Pasid = 1 << 20 }, out _));
        Assert.Equal(Errno.EINVAL, host.Unit.AddDevice(new(0, 1), new DmaDeviceSettings { Pasid = -1 }, out _));
        host.Machine.Allocations.FailNext(1);
        Assert.Equal(Errno.ENOMEM, host.Unit.AddDevice(new(0, 1), new DmaDeviceSettings(), out _));
        Assert.Same(device, Assert.Single(host.Unit.Devices));
    }

    private static HostPhysicalAddress Table(ulong word) => new(word & ~0xffful);

    private static ulong[] Words(ImportingHost host, HostPhysicalAddress table, int index, int count)
    {
        ulong[] words = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            Assert.True(host.Machine.Memory.TryRead(new(table.Value + ((ulong)((index * count) + i) * 8)), out words[i]));
        }

        return words;
    }

    private static HostPhysicalAddress PasidEntry(ImportingHost host, DmaDevice device)
    {
        ulong context = Words(host, Table(Words(host, host.Unit.Rtaddr.RootTable, device.Address.Bus, 2)[0]), device.Address.Function, 4)[0];
        return Table(Words(host, Table(context), 0, 1)[0]);
    }

    private static int Domain(ImportingHost host, DmaDevice device) =>
        new VtdDeviceTables<HostMemoryView>(host.Machine.View, host.Unit.Rtaddr).Find(device.Address).Domain;

    /// <summary>Records stores to memory; there is one thread, which need not wait for anything.</summary>
    private sealed class StoreRecorder : Interleaving
    {
        private readonly List<ulong> _stores = [];
        private object? _memory;

        public void Begin(HostMemory memory)
        {
            _stores.Clear();
            _memory = memory;
        }

        public ulong[] End()
        {
            _memory = null;
            return [.. _stores];
        }

        public override void Before(object target, long part, bool writes)
        {
            // A part that is not the address of an entry says what a page is for.
            if (writes && target == _memory && part % sizeof(ulong) == 0)
            {
                _stores.Add((ulong)part);
            }
        }

        public override void BeforeWhen(object target, long part, bool writes, Func<bool> isPossible)
        {
            Assert.True(isPossible(), "nobody else is there to wait for");
            Before(target, part, writes);
        }

        public override void BeforeRetry() => Assert.Fail("nobody else is there to come first");
    }
}

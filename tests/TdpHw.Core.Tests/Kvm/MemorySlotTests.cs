using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>Slots: what may be one, how large its pages are, and what their changes do to emulated MMIO.</summary>
public sealed class MemorySlotTests
{
    private const ulong Address = 0x4000_0000;
    private const ulong Page = 0x1000;
    private const ulong Mmio = 0xfed0_0000;

    [Theory]
    [InlineData(Address, 0)]
    [InlineData(Address, 0x800)]
    [InlineData(Address, 0x1800)]
    [InlineData(Address + 0x800, Page)]
    [InlineData((1ul << TestVm.HostBits) - Page, 2 * Page)]
    [InlineData(1ul << TestVm.HostBits, Page)]
    [InlineData(ulong.MaxValue - Page + 1, 2 * Page)]
    public void What_is_no_range_of_pages_of_the_host_is_invalid(ulong start, ulong size)
    {
        Vm vm = TestVm.WithVCpu().Vm;

        Assert.Equal(Errno.EINVAL, vm.AddSlot(new MemorySlotSettings(new InputAddress(start), size), out MemorySlot? slot));
        Assert.Null(slot);
    }

    [Theory]
    [InlineData(-1, 1, Errno.None)]
    [InlineData(-1, 2, Errno.EEXIST)]
    [InlineData(0, 1, Errno.EEXIST)]
    [InlineData(1, 1, Errno.EEXIST)]
    [InlineData(3, 1, Errno.EEXIST)]
    [InlineData(4, 1, Errno.None)]
    [InlineData(-4, 16, Errno.EEXIST)]
    public void Slots_do_not_overlap(int first, int pages, Errno expected)
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, 4 * Page);
        ulong start = Address + (ulong)(first * (long)Page);

        Assert.Equal(expected, vm.Vm.AddSlot(new MemorySlotSettings(new InputAddress(start), (ulong)pages * Page), out _));
    }

    [Fact]
    public void The_last_page_of_the_host_may_be_a_slots()
    {
        const ulong last = (1ul << TestVm.HostBits) - Page;
        var vm = TestVm.WithVCpu();
        MemorySlot slot = vm.AddSlot(last, Page);

        Assert.Same(slot, vm.Vm.FindSlot(new InputAddress(last + 0xfff)));
        Assert.Null(vm.Vm.FindSlot(new InputAddress(last - 1)));
        Assert.False(vm.Write(last).IsMmio);
    }

    [Theory]
    [InlineData(0, 2 * TestVm.Page1G, 3, 0, 3)]
    [InlineData(0, 2 * TestVm.Page1G, 2, 0, 2)]
    [InlineData(0, 2 * TestVm.Page1G, 1, 0, 1)]
    [InlineData(TestVm.Page2M, 2 * TestVm.Page1G, 3, 0, 2)]
    [InlineData(Page, 2 * TestVm.Page1G, 3, TestVm.Page2M, 1)]
    [InlineData(0, TestVm.Page1G + TestVm.Page2M + Page, 3, 0, 3)]
    [InlineData(0, TestVm.Page1G + TestVm.Page2M + Page, 3, TestVm.Page1G, 2)]
    [InlineData(0, TestVm.Page1G + TestVm.Page2M + Page, 3, TestVm.Page1G + TestVm.Page2M, 1)]
    public void A_page_is_as_large_as_host_and_alignment_let_it(ulong offset, ulong size, int backing, ulong access, int level)
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address + offset, size, backing);

        Assert.Equal(level, vm.Write(Address + offset + access).Level);
    }

    [Theory]
    [InlineData(true, true, 3)]
    [InlineData(true, false, 2)]
    [InlineData(false, false, 1)]
    public void A_page_is_no_larger_than_the_processor_has(bool has2M, bool has1G, int level)
    {
        var capabilities = new EptCapabilities { MaxPhyAddr = TestVm.HostBits, Page2M = has2M, Page1G = has1G };
        var vm = new TestVm(vendor: new VmxVendor(capabilities, "high"));
        vm.Vm.AddVCpu(TestVm.HostBits);
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 3);

        Assert.Equal(level, vm.Write(Address).Level);
    }

    [Fact]
    public void Each_slot_that_is_made_moves_the_generation_by_the_number_of_address_spaces()
    {
        var vm = TestVm.WithVCpu();
        Assert.Equal(0ul, GenerationAt(vm, isSmm: false));
        vm.AddSlot(Address, Page);
        Assert.Equal(2ul, GenerationAt(vm, isSmm: false));

        // The second address space counts beside the first.
        Assert.Equal(3ul, GenerationAt(vm, isSmm: true));
        Assert.Equal(Errno.EEXIST, vm.Vm.AddSlot(new MemorySlotSettings(new InputAddress(Address), Page), out _));
        Assert.Equal(2ul, GenerationAt(vm, isSmm: false));
    }

    [Fact]
    public void A_slot_that_goes_moves_it_twice_since_it_is_invalid_in_between()
    {
        // (Linux 6.7 kvm_main.c: kvm_invalidate_memslot and kvm_delete_memslot each swap the active slots.)
        var vm = TestVm.WithVCpu();
        MemorySlot slot = vm.AddSlot(Address, Page);
        vm.Vm.DeleteSlot(slot);

        Assert.Equal(6ul, GenerationAt(vm, isSmm: false));
    }

    [Fact]
    public void An_mmio_entry_of_an_older_generation_is_made_anew()
    {
        var vm = TestVm.WithVCpu();
        TdpRoot root = vm.Write(Mmio).Root!;
        Assert.Equal(0ul, vm.Layout.MmioGenerationOf(vm.Entry(root, Mmio)));
        vm.AddSlot(Address, Page);
        Assert.Equal(0ul, vm.Layout.MmioGenerationOf(vm.Entry(root, Mmio)));

        Assert.True(vm.Write(Mmio).IsMmio);
        Assert.Equal(2ul, vm.Layout.MmioGenerationOf(vm.Entry(root, Mmio)));
        Assert.Equal(Mmio >> 12, vm.Layout.MmioGuestFrameOf(vm.Entry(root, Mmio)));
        Assert.Equal(2, vm.Machine.Counters.MmioExits);
    }

    [Fact]
    public void A_slot_made_where_mmio_was_emulated_is_memory_from_then_on()
    {
        var vm = TestVm.WithVCpu();
        Assert.True(vm.Write(Mmio).IsMmio);
        vm.AddSlot(Mmio, Page);

        Assert.False(vm.Write(Mmio).IsMmio);
        Assert.Equal(1, vm.Machine.Counters.MmioExits);
    }

    [Fact]
    public void A_read_only_slot_is_read_from_memory_and_written_by_emulation()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M, backingLevel: 2, isReadOnly: true);

        // Before it is mapped, and after.
        Assert.True(vm.Write(Address).IsMmio);
        Assert.Equal(2, vm.Read(Address).Level);
        Assert.Equal(2, vm.Execute(Address).Level);
        Assert.True(vm.Write(Address).IsMmio);
        Assert.Equal(2, vm.Machine.Counters.MmioExits);
        Assert.Equal(0, vm.FaultsIn(() => vm.Read(Address)));
    }

    [Fact]
    public void A_fault_on_what_the_entry_allows_already_is_spurious()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, Page);
        TdpRoot root = vm.Write(Address).Root!;
        ulong entry = vm.Entry(root, Address);
        var fault = new PageFault { Gfn = Address >> 12, IsPresent = true, IsWrite = true };

        Assert.Equal(FaultResult.Spurious, vm.Vm.Mmu.MendWithoutLock(root, fault));
        Assert.Equal(entry, vm.Entry(root, Address));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_slot_beyond_an_exported_table_is_refused_only_if_that_hazard_is_closed(bool isClosed, bool isRefused)
    {
        const ulong beyond = 1ul << 48;
        SharingMode mode = isClosed ? SharingMode.Closing(Hazard.WidthFrozen) : SharingMode.AsPosted;
        var vm = new TestVm(
            mode, new VmSettings { MaxLevels = 5 }, vendor: new VmxVendor(new EptCapabilities { MaxPhyAddr = 52, Walk5 = true }, "high"));
        vm.Vm.AddVCpu(48);
        Assert.Equal(4, vm.Export().Root!.Level);

        Assert.Equal(
            isRefused ? Errno.EINVAL : Errno.None,
            vm.Vm.AddSlot(new MemorySlotSettings(new InputAddress(beyond), Page), out _));
    }

    [Fact]
    public void An_empty_range_holds_no_page()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(0, 2 * Page, logsDirty: true);
        vm.Write(0);
        vm.Write(Page);

        foreach (ulong start in (ulong[])[0, Page])
        {
            var address = new InputAddress(start);
            Assert.Equal(0, vm.Vm.UnmapHost(address, 0));
            Assert.Equal(0, vm.Vm.Age(address, 0));
            Assert.Equal(0, vm.Vm.WriteProtect(address, 0));
            Assert.Equal(0, vm.Vm.TrackWrites(address, 0));
            Assert.Equal(0, vm.Vm.TakeDirtyLog(address, 0));
            Assert.Equal(0, vm.Vm.Collapse(address, 0));
        }

        Assert.Equal(2, vm.Vm.TakeDirtyLog(new InputAddress(0), 2 * Page));
    }

    [Fact]
    public void A_nested_guest_finds_nothing_where_KVM_keeps_memory_to_itself()
    {
        // (Linux 6.7 mmu.c, __kvm_faultin_pfn: private slots are not shown to L2.)
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, Page, isPrivate: true);

        Assert.True(vm.Do(Access.Write, Address, isGuestMode: true).IsMmio);
        Assert.False(vm.Do(Access.Write, Address).IsMmio);
        Assert.True(vm.Do(Access.Read, Address, isGuestMode: true).IsMmio);
    }

    [Theory]
    [InlineData(Serving.Shared, 2)]
    [InlineData(Serving.Separate, 1)]
    [InlineData(Serving.Mirrored, 1)]
    public void Strict_keeps_private_memory_apart_only_where_devices_walk_the_VMs_own_table(Serving serving, int roots)
    {
        var vm = TestVm.WithVCpu(SharingMode.Strict, new VmSettings { Serving = serving });
        vm.AddSlot(Address, Page, isPrivate: true);
        vm.AddSlot(0, Page);
        vm.Export();
        CpuAccess common = vm.Write(0);

        Assert.Equal(roots == 1, common.Root == vm.Write(Address).Root);
        Assert.Equal(roots, vm.Vm.Roots.Count(r => r.IsValid));
    }

    private static ulong GenerationAt(TestVm vm, bool isSmm)
    {
        CpuAccess access = vm.Do(Access.Write, Mmio, isSmm);
        Assert.True(access.IsMmio);
        return vm.Layout.MmioGenerationOf(vm.Entry(access.Root!, Mmio));
    }
}

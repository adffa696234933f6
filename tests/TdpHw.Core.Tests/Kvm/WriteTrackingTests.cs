using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>Pages whose writes KVM does itself.</summary>
public sealed class WriteTrackingTests
{
    private const ulong Address = 0x1000_0000;
    private const ulong Page = 0x1000;

    [Fact]
    public void A_write_to_a_tracked_page_is_done_for_the_guest_and_maps_it_for_reading()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        Assert.Equal(1, Track(vm, Page));
        Assert.Equal(0, Track(vm, Page));

        CpuAccess write = vm.Write(Address);
        Assert.False(write.IsMmio);
        ulong entry = vm.Entry(write.Root!, Address);
        Assert.Equal(vm.Layout.AddressOf(entry), write.Output);
        Assert.False(vm.Layout.IsWritable(entry));
        Assert.False(vm.Layout.IsMmuWritable(entry));
        Assert.Equal(vm.Layout.HostWritableMask, entry & vm.Layout.HostWritableMask);

        Assert.Equal(0, vm.FaultsIn(() => vm.Read(Address)));
        Assert.Equal(1, vm.FaultsIn(() => vm.Write(Address)));
        Assert.Equal(0, vm.FaultsIn(() => Assert.Equal(write.Output, vm.Read(Address).Output)));
        Assert.Equal(0, vm.Machine.Counters.MmioExits);
    }

    [Fact]
    public void What_was_mapped_writable_is_so_no_more()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpRoot root = vm.Write(Address).Root!;
        vm.Write(Address + Page);

        Track(vm, Page);

        ulong entry = vm.Entry(root, Address);
        Assert.False(vm.Layout.IsWritable(entry));
        Assert.False(vm.Layout.IsMmuWritable(entry));
        Assert.True(vm.Layout.IsWritable(vm.Entry(root, Address + Page)));
        Assert.Equal(1, vm.FaultsIn(() => vm.Write(Address)));
        Assert.Equal(0, vm.FaultsIn(() => vm.Write(Address + Page)));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    [Fact]
    public void A_huge_page_with_a_tracked_one_in_it_is_small_there_and_nowhere_else()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, 2 * TestVm.Page2M, backingLevel: 2);
        Assert.Equal(2, vm.Write(Address).Level);
        Assert.Equal(2, vm.Write(Address + TestVm.Page2M).Level);

        Track(vm, Page);

        Assert.Equal(1, vm.Read(Address).Level);
        Assert.Equal(1, vm.Write(Address + (7 * Page)).Level);
        Assert.Equal(2, vm.Write(Address + TestVm.Page2M).Level);
    }

    [Fact]
    public void A_page_that_is_tracked_before_it_is_mapped_keeps_its_neighbours_small()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, 2 * TestVm.Page2M, backingLevel: 2);
        Track(vm, Page);

        Assert.Equal(1, vm.Write(Address + (7 * Page)).Level);
        Assert.Equal(2, vm.Write(Address + TestVm.Page2M).Level);
    }

    [Theory]
    [InlineData(TdpAccess.Read | TdpAccess.Write, Errno.EINVAL, false)]
    [InlineData(TdpAccess.Write, Errno.EFAULT, true)]
    [InlineData(TdpAccess.Read, Errno.None, true)]
    [InlineData(TdpAccess.Execute, Errno.None, true)]
    public void A_device_that_would_write_is_refused_early_if_it_would_read_too(TdpAccess access, Errno expected, bool isMapped)
    {
        // PFERR_PRESENT comes from the request to read, and only both together are looked at before the page is mapped.
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        Track(vm, Page);

        Assert.Equal(expected, vm.Fault(fd, Address, access));
        ulong entry = vm.Entry(fd.Root!, Address);
        Assert.Equal(isMapped, vm.Layout.IsPresent(entry));
        Assert.False(isMapped && vm.Layout.IsWritable(entry));
    }

    [Fact]
    public void An_emulated_write_is_logged()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M, logsDirty: true);
        Track(vm, Page);
        vm.Write(Address);

        Assert.Equal(1, vm.Vm.TakeDirtyLog(new InputAddress(Address), Page));
    }

    private static long Track(TestVm vm, ulong size) => vm.Vm.TrackWrites(new InputAddress(Address), size);
}

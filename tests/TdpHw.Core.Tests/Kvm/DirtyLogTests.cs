using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>Which pages were written, by dirty flags and, where there are none, by faults.</summary>
public sealed class DirtyLogTests
{
    private const ulong Address = 0x1000_0000;
    private const ulong Page = 0x1000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pages_of_a_logged_slot_are_small_and_logged_when_they_are_mapped_writable(bool hasAccessedDirty)
    {
        var vm = TestVm.WithVCpu(hasAccessedDirty: hasAccessedDirty);
        MemorySlot slot = vm.AddSlot(Address, TestVm.Page2M, backingLevel: 2, logsDirty: true);

        // A read maps for writing too, and KVM takes what is mapped so for written.
        Assert.Equal(1, vm.Read(Address).Level);
        Assert.Equal(1, vm.Write(Address + (5 * Page)).Level);

        Assert.True(slot.LogsDirty);
        Assert.Equal(2, Take(vm));
        Assert.Equal(0, Take(vm));
    }

    [Fact]
    public void With_flags_a_write_after_the_log_was_taken_is_logged_without_a_fault()
    {
        const ulong dirty = 1 << 9;
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M, logsDirty: true);
        TdpRoot root = vm.Write(Address).Root!;
        Assert.Equal(dirty, vm.Entry(root, Address) & dirty);
        Assert.Equal(1, Take(vm));

        ulong entry = vm.Entry(root, Address);
        Assert.Equal(0ul, entry & dirty);
        Assert.True(vm.Layout.IsWritable(entry));
        vm.Read(Address);
        Assert.Equal(0, Take(vm));

        Assert.Equal(0, vm.FaultsIn(() => vm.Write(Address)));
        Assert.Equal(dirty, vm.Entry(root, Address) & dirty);
        Assert.Equal(1, Take(vm));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    [Fact]
    public void Without_flags_the_log_takes_the_right_to_write_and_a_fault_gives_it_back()
    {
        var vm = TestVm.WithVCpu(hasAccessedDirty: false);
        vm.AddSlot(Address, TestVm.Page2M, logsDirty: true);
        TdpRoot root = vm.Write(Address).Root!;
        ulong before = vm.Entry(root, Address);
        Assert.Equal(1, Take(vm));

        // As in the capture: the marks that say who could write stay.
        Assert.Equal(before & ~2ul, vm.Entry(root, Address));
        Assert.Equal(0, vm.FaultsIn(() => vm.Read(Address)));
        Assert.Equal(0, Take(vm));

        Assert.Equal(1, vm.FaultsIn(() => vm.Write(Address)));
        Assert.Equal(before, vm.Entry(root, Address));
        Assert.Equal(1, Take(vm));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Only_the_pages_of_the_range_are_taken(bool hasAccessedDirty)
    {
        var vm = TestVm.WithVCpu(hasAccessedDirty: hasAccessedDirty);
        vm.AddSlot(Address, TestVm.Page2M, logsDirty: true);
        foreach (ulong page in new ulong[] { 0, 63, 64, 65, 200, 511 })
        {
            vm.Write(Address + (page * Page));
        }

        Assert.Equal(3, vm.Vm.TakeDirtyLog(new InputAddress(Address + (63 * Page)), 3 * Page));
        Assert.Equal(1, vm.Vm.TakeDirtyLog(new InputAddress(Address + (100 * Page)), 300 * Page));
        Assert.Equal(2, Take(vm));
        Assert.Equal(0, Take(vm));
    }

    [Fact]
    public void A_slot_without_log_logs_nothing()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M, backingLevel: 2);
        Assert.Equal(2, vm.Write(Address).Level);

        Assert.Equal(0, Take(vm));
        Assert.Equal(0, vm.Machine.Counters.Flushes);
    }

    [Fact]
    public void What_a_device_makes_writable_is_logged_once_and_stays_writable_as_posted()
    {
        // Devices set no dirty flag, so that what they write later is nowhere to be seen: hazard 13.
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M, logsDirty: true);
        TdpFd fd = vm.Export();
        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Read));
        Assert.Equal(1, Take(vm));

        Assert.True(vm.Layout.IsWritable(vm.Entry(fd.Root!, Address)));
        Assert.Equal(0, Take(vm));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void With_that_hazard_closed_devices_that_set_no_flag_lose_the_right_to_write(bool marksAccesses)
    {
        var vm = TestVm.WithVCpu(SharingMode.Closing(Hazard.AccessesUnseen));
        vm.AddSlot(Address, TestVm.Page2M, logsDirty: true);
        TdpFd fd = vm.Export();
        fd.RegisterImporter(new RecordingImporter(marksAccesses), "a");
        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Write));
        Assert.Equal(1, Take(vm));

        Assert.Equal(marksAccesses, vm.Layout.IsWritable(vm.Entry(fd.Root!, Address)));
    }

    [Fact]
    public void With_that_hazard_closed_a_dirty_flag_that_nobody_told_of_is_found()
    {
        var vm = TestVm.WithVCpu(SharingMode.Closing(Hazard.AccessesUnseen));
        vm.AddSlot(Address, TestVm.Page2M, logsDirty: true);
        TdpFd fd = vm.Export();
        fd.RegisterImporter(new RecordingImporter(marksAccesses: true), "a");
        vm.Fault(fd, Address, TdpAccess.Write);
        Take(vm);
        (TdpPage page, int index, ulong spte) = vm.Vm.Mmu.FindLast(fd.Root!, Address / Page);

        // What a unit does that sets flags.
        Assert.True(page.TryChange(index, spte, spte | vm.Layout.DirtyMask));

        Assert.Equal(1, Take(vm));
        Assert.Equal(0, Take(vm));
    }

    [Fact]
    public void A_range_that_is_write_protected_is_writable_again_after_a_fault()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        vm.Write(Address);
        vm.Read(Address + Page);

        Assert.Equal(2, vm.Vm.WriteProtect(new InputAddress(Address), 2 * Page));
        Assert.Equal(0, vm.Vm.WriteProtect(new InputAddress(Address), 2 * Page));
        Assert.Equal(0, vm.FaultsIn(() => vm.Read(Address)));
        Assert.Equal(1, vm.FaultsIn(() => vm.Write(Address)));
        Assert.Equal(1, vm.Vm.WriteProtect(new InputAddress(Address), 2 * Page));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    private static int Take(TestVm vm) => vm.Vm.TakeDirtyLog(new InputAddress(Address), TestVm.Page2M);
}

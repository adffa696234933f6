using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>Which pages were used, by accessed flags and, where there are none, by taking the rights away.</summary>
public sealed class AgingTests
{
    private const ulong Address = 0x1000_0000;
    private const ulong Page = 0x1000;

    [Fact]
    public void With_flags_a_use_is_seen_without_a_fault()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        vm.Read(Address);
        vm.Read(Address + Page);
        Assert.Equal(2, Age(vm));
        Assert.Equal(0, Age(vm));

        Assert.Equal(0, vm.FaultsIn(() => vm.Read(Address)));
        Assert.Equal(1, Age(vm));
        Assert.Equal(0, Age(vm));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    [Fact]
    public void Without_flags_a_use_takes_a_fault_that_gives_the_rights_back()
    {
        var vm = TestVm.WithVCpu(hasAccessedDirty: false);
        vm.AddSlot(Address, TestVm.Page2M);
        TdpRoot root = vm.Write(Address).Root!;
        ulong before = vm.Entry(root, Address);
        Assert.Equal(1, Age(vm));
        Assert.True(vm.Layout.IsAccessTracked(vm.Entry(root, Address)));
        Assert.Equal(0, Age(vm));

        // The right to write is not kept: a read gets the others back, a write that one too.
        Assert.Equal(1, vm.FaultsIn(() => vm.Read(Address)));
        Assert.Equal(before & ~2ul, vm.Entry(root, Address));
        Assert.Equal(1, vm.FaultsIn(() => vm.Write(Address)));
        Assert.Equal(before, vm.Entry(root, Address));
        Assert.Equal(1, Age(vm));

        Assert.Equal(1, vm.FaultsIn(() => vm.Write(Address)));
        Assert.Equal(before, vm.Entry(root, Address));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    [Fact]
    public void Without_flags_what_could_not_be_written_comes_back_so()
    {
        var vm = TestVm.WithVCpu(hasAccessedDirty: false);
        vm.AddSlot(Address, TestVm.Page2M, isReadOnly: true);
        TdpRoot root = vm.Read(Address).Root!;
        ulong before = vm.Entry(root, Address);
        Age(vm);

        Assert.Equal(1, vm.FaultsIn(() => vm.Execute(Address)));
        Assert.Equal(before, vm.Entry(root, Address));
        Age(vm);
        Assert.True(vm.Write(Address).IsMmio);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_huge_page_is_one_leaf(bool hasAccessedDirty)
    {
        var vm = TestVm.WithVCpu(hasAccessedDirty: hasAccessedDirty);
        vm.AddSlot(Address, 2 * TestVm.Page2M, backingLevel: 2);
        vm.Read(Address);
        vm.Read(Address + TestVm.Page2M);

        Assert.Equal(1, vm.Vm.Age(new InputAddress(Address + Page), Page));
        Assert.Equal(1, vm.Vm.Age(new InputAddress(Address), 2 * TestVm.Page2M));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_not_mapped_is_not_used(bool hasAccessedDirty)
    {
        var vm = TestVm.WithVCpu(hasAccessedDirty: hasAccessedDirty);
        vm.AddSlot(Address, TestVm.Page2M);
        vm.Read(0x9000_0000);

        Assert.Equal(0, Age(vm));
        Assert.Equal(0, vm.Vm.Age(new InputAddress(0x9000_0000), Page));
        Assert.Equal(0, vm.Machine.Counters.Flushes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_aged_is_flushed_everywhere(bool hasAccessedDirty)
    {
        var vm = TestVm.WithVCpu(hasAccessedDirty: hasAccessedDirty);
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        fd.RegisterImporter(importer, "a");
        vm.Read(Address);

        Age(vm);
        Age(vm);

        Assert.Equal([TdpFlush.All], importer.Flushes);
    }

    [Fact]
    public void Without_flags_a_device_that_finds_a_tracked_page_mends_it()
    {
        var vm = TestVm.WithVCpu(hasAccessedDirty: false);
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Write));
        ulong before = vm.Entry(fd.Root!, Address);
        Age(vm);

        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Read));
        Assert.Equal(before, vm.Entry(fd.Root!, Address));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void With_that_hazard_closed_all_that_a_device_without_flags_can_reach_counts_as_used(bool marksAccesses, int expected)
    {
        var vm = TestVm.WithVCpu(SharingMode.Closing(Hazard.AccessesUnseen));
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        fd.RegisterImporter(new RecordingImporter(marksAccesses), "a");
        vm.Read(Address);
        Assert.Equal(1, Age(vm));

        Assert.Equal(expected, Age(vm));
    }

    private static int Age(TestVm vm) => vm.Vm.Age(new InputAddress(Address), TestVm.Page2M);
}

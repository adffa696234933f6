using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>Hosts where an executable huge page would be dangerous: what is executed is split.</summary>
public sealed class NxHugePageTests
{
    private const ulong Address = 0x4000_0000;
    private const ulong Page = 0x1000;

    private static readonly VmSettings Splitting = new() { SplitsExecutedHugePages = true };

    [Fact]
    public void A_huge_page_is_not_executable_and_becomes_small_when_it_is_executed()
    {
        var vm = TestVm.WithVCpu(settings: Splitting);
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 2);
        CpuAccess write = vm.Write(Address);
        Assert.Equal(2, write.Level);
        Assert.False(vm.Layout.IsExecutable(vm.Entry(write.Root!, Address)));

        CpuAccess execute = vm.Execute(Address + Page);
        Assert.Equal(1, execute.Level);
        Assert.Equal(write.Output.Value + Page, execute.Output.Value);

        // The parts translate like the whole, and small pages are executable.
        Assert.Equal(0, vm.FaultsIn(() => vm.Execute(Address + (9 * Page))));
        Assert.Equal(0, vm.FaultsIn(() => Assert.Equal(write.Output, vm.Write(Address).Output)));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    [Fact]
    public void Where_huge_pages_are_executable_nothing_is_split()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 2);

        Assert.Equal(2, vm.Execute(Address).Level);
        Assert.True(vm.Layout.IsExecutable(vm.Entry(vm.Vm.Roots[0], Address)));
    }

    [Fact]
    public void A_page_that_is_executed_first_stays_small_for_all_that_follows()
    {
        var vm = TestVm.WithVCpu(settings: Splitting);
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 2);
        Assert.Equal(1, vm.Execute(Address).Level);

        Assert.Equal(1, vm.Write(Address + Page).Level);
        Assert.Equal(2, vm.Write(Address + TestVm.Page2M).Level);
    }

    [Fact]
    public void Recovery_takes_the_small_pages_out_and_the_next_access_maps_the_huge_one()
    {
        var vm = TestVm.WithVCpu(settings: Splitting);
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 2);
        ulong start = vm.Write(Address).Output.Value;
        vm.Execute(Address);
        vm.Execute(Address + TestVm.Page2M);
        int tables = vm.Vm.TableCount;

        Assert.Equal(1, vm.Vm.RecoverNxHugePages(new InputAddress(Address), TestVm.Page2M));
        Assert.Equal(0, vm.Vm.RecoverNxHugePages(new InputAddress(Address), TestVm.Page2M));
        Assert.Equal(tables - 1, vm.Vm.TableCount);
        CpuAccess write = vm.Write(Address);
        Assert.Equal((2, start), (write.Level, write.Output.Value));
        Assert.Equal(1, vm.Write(Address + TestVm.Page2M).Level);
        Assert.Equal(1, vm.Execute(Address).Level);
        Assert.Equal(1, vm.Vm.RecoverNxHugePages(new InputAddress(Address), TestVm.Page2M));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
        Assert.Equal(0, vm.Machine.Counters.FreedTableReads);
    }

    [Fact]
    public void Recovery_says_that_tables_were_freed()
    {
        var vm = TestVm.WithVCpu(settings: Splitting);
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 2);
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        fd.RegisterImporter(importer, "a");
        vm.Execute(Address);

        vm.Vm.RecoverNxHugePages(new InputAddress(Address), TestVm.Page1G);

        Assert.True(Assert.Single(importer.Flushes).FreesTables);
    }

    [Fact]
    public void A_page_of_a_gibibyte_is_split_at_each_level_and_recovered_at_the_highest()
    {
        var vm = TestVm.WithVCpu(settings: Splitting);
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 3);
        TdpRoot root = vm.Write(Address).Root!;
        Assert.Equal(3, vm.LevelOf(root, Address));

        Assert.Equal(1, vm.Execute(Address + (3 * Page)).Level);
        Assert.Equal(2, vm.LevelOf(root, Address + TestVm.Page2M));
        Assert.False(vm.Layout.IsExecutable(vm.Entry(root, Address + TestVm.Page2M)));

        vm.Vm.RecoverNxHugePages(new InputAddress(Address), TestVm.Page1G);
        Assert.Equal(3, vm.Write(Address).Level);
        Assert.Equal(0, vm.Vm.RecoverNxHugePages(new InputAddress(Address), TestVm.Page1G));
    }

    [Fact]
    public void A_device_that_executes_splits_too()
    {
        var vm = TestVm.WithVCpu(settings: Splitting);
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 2);
        TdpFd fd = vm.Export();

        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Read | TdpAccess.Execute));
        Assert.Equal(1, vm.LevelOf(fd.Root!, Address));
        Assert.Equal(1, vm.Vm.RecoverNxHugePages(new InputAddress(Address), TestVm.Page2M));
    }

    [Fact]
    public void Tables_that_go_with_the_export_are_not_recovered_once_more()
    {
        var vm = TestVm.WithVCpu(settings: Splitting);
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 2);
        TdpFd fd = vm.Export();
        vm.Fault(fd, Address, TdpAccess.Execute);
        fd.Put();

        Assert.Equal(0, vm.Vm.RecoverNxHugePages(new InputAddress(Address), TestVm.Page1G));
    }

    [Fact]
    public void Tables_that_a_collapse_took_out_are_not_counted_as_recovered()
    {
        var vm = TestVm.WithVCpu(settings: Splitting);
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 2);
        vm.Execute(Address);
        Assert.Equal(1, vm.Vm.Collapse(new InputAddress(Address), TestVm.Page1G));

        Assert.Equal(0, vm.Vm.RecoverNxHugePages(new InputAddress(Address), TestVm.Page1G));
    }
}

using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>Huge pages taken apart and put together again.</summary>
public sealed class SplitCollapseTests
{
    private const ulong Address = 0x4000_0000;
    private const ulong Page = 0x1000;

    [Fact]
    public void A_split_page_translates_as_before_without_a_fault_or_a_flush()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, 4 * TestVm.Page2M, backingLevel: 2);
        ulong start = vm.Write(Address).Output.Value;
        TdpRoot root = vm.Write(Address + TestVm.Page2M).Root!;

        Assert.Equal(Errno.None, vm.Vm.Split(new InputAddress(Address), TestVm.Page2M, out int count));

        Assert.Equal(1, count);
        Assert.Equal((1, 2), (vm.LevelOf(root, Address), vm.LevelOf(root, Address + TestVm.Page2M)));
        Assert.Equal(0, vm.Machine.Counters.Flushes);
        Assert.Equal(0, vm.FaultsIn(() =>
        {
            for (ulong offset = 0; offset < TestVm.Page2M; offset += Page)
            {
                Assert.Equal(start + offset, vm.Write(Address + offset).Output.Value);
                Assert.Equal(start + offset, vm.Execute(Address + offset).Output.Value);
            }
        }));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    [Fact]
    public void A_gibibyte_is_split_down_to_small_pages_where_the_range_is()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 3);
        CpuAccess write = vm.Write(Address);
        TdpRoot root = write.Root!;

        vm.Vm.Split(new InputAddress(Address + TestVm.Page2M), 2 * TestVm.Page2M, out int count);

        // The gibibyte and the two pages of 2 MiB that the range has.
        Assert.Equal(3, count);
        Assert.Equal(
            [2, 1, 1, 2],
            Enumerable.Range(0, 4).Select(i => vm.LevelOf(root, Address + ((ulong)i * TestVm.Page2M))));
        Assert.Equal(write.Output.Value + 0x34_5678, vm.Read(Address + 0x34_5678).Output.Value);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(41)]
    public void A_split_without_memory_stops_where_it_is_and_goes_on_later(int failing)
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M, backingLevel: 2);
        TdpRoot root = vm.Write(Address).Root!;
        vm.Machine.Allocations.FailNext(failing);

        Assert.Equal(Errno.ENOMEM, vm.Vm.Split(new InputAddress(Address), TestVm.Page2M, out int none));
        Assert.Equal((0, 2), (none, vm.LevelOf(root, Address)));
        Assert.Equal(Errno.None, vm.Vm.Split(new InputAddress(Address), TestVm.Page2M, out int one));
        Assert.Equal((1, 1), (one, vm.LevelOf(root, Address)));
    }

    [Fact]
    public void A_part_of_a_read_only_page_is_read_only_and_one_of_a_tracked_page_is_tracked()
    {
        var vm = TestVm.WithVCpu(hasAccessedDirty: false);
        vm.AddSlot(Address, TestVm.Page2M, backingLevel: 2, isReadOnly: true);
        vm.AddSlot(Address + TestVm.Page2M, TestVm.Page2M, backingLevel: 2);
        vm.Read(Address);
        TdpRoot root = vm.Write(Address + TestVm.Page2M).Root!;
        vm.Vm.Age(new InputAddress(Address + TestVm.Page2M), Page);

        vm.Vm.Split(new InputAddress(Address), 2 * TestVm.Page2M, out int count);

        Assert.Equal(2, count);
        Assert.False(vm.Layout.IsWritable(vm.Entry(root, Address + (7 * Page))));
        Assert.True(vm.Layout.IsAccessTracked(vm.Entry(root, Address + TestVm.Page2M + (7 * Page))));
    }

    [Fact]
    public void Collapsing_takes_the_tables_out_and_the_next_access_maps_the_huge_page()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, 4 * TestVm.Page2M, backingLevel: 2);
        ulong start = vm.Write(Address).Output.Value;
        vm.Write(Address + TestVm.Page2M);
        vm.Vm.Split(new InputAddress(Address), 2 * TestVm.Page2M, out _);
        vm.Read(Address + (5 * Page));
        int tables = vm.Vm.TableCount;

        Assert.Equal(1, vm.Vm.Collapse(new InputAddress(Address), TestVm.Page2M));

        Assert.Equal(tables - 1, vm.Vm.TableCount);
        CpuAccess read = vm.Read(Address + (5 * Page));
        Assert.Equal((2, start + (5 * Page)), (read.Level, read.Output.Value));
        Assert.Equal(1, vm.Read(Address + TestVm.Page2M).Level);
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
        Assert.Equal(0, vm.Machine.Counters.FreedTableReads);
    }

    [Fact]
    public void A_gibibyte_is_collapsed_as_a_whole_with_all_tables_below()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page1G, backingLevel: 3);
        vm.Write(Address);
        vm.Vm.Split(new InputAddress(Address), TestVm.Page2M, out _);
        Assert.Equal(4, vm.Vm.TableCount);

        Assert.Equal(1, vm.Vm.Collapse(new InputAddress(Address), TestVm.Page1G));
        Assert.Equal(2, vm.Vm.TableCount);
        Assert.Equal(3, vm.Write(Address).Level);
    }

    [Fact]
    public void Collapsing_is_told_as_a_flush_of_the_pages_that_frees_tables()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, 4 * TestVm.Page2M, backingLevel: 2);
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        fd.RegisterImporter(importer, "a");
        vm.Write(Address + TestVm.Page2M);
        vm.Vm.Split(new InputAddress(Address), 4 * TestVm.Page2M, out _);

        vm.Vm.Collapse(new InputAddress(Address), 4 * TestVm.Page2M);

        Assert.Equal([new TdpFlush(Address + TestVm.Page2M, TestVm.Page2M, FreesTables: true)], importer.Flushes);
    }

    [Fact]
    public void What_can_not_be_larger_is_left()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        vm.AddSlot(Address + TestVm.Page2M, TestVm.Page2M, backingLevel: 2, logsDirty: true);
        vm.AddSlot(Address + (2 * TestVm.Page2M), TestVm.Page2M, backingLevel: 2);
        vm.Read(Address);
        vm.Read(Address + TestVm.Page2M);
        vm.Read(Address + (2 * TestVm.Page2M));

        Assert.Equal(0, vm.Vm.Collapse(new InputAddress(Address), 3 * TestVm.Page2M));
        Assert.Equal(0, vm.FaultsIn(() => vm.Read(Address)));
    }

    [Fact]
    public void A_table_in_the_place_of_a_huge_page_gives_way_to_a_fault_that_may_map_it()
    {
        // Small pages of the host become huge: the next fault there maps one, in the place of the table.
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        fd.RegisterImporter(importer, "a");
        vm.Read(Address);
        vm.Read(Address + Page);
        Assert.Equal(2, vm.Vm.UnmapHost(new InputAddress(Address), TestVm.Page2M, newBackingLevel: 2));
        int tables = vm.Vm.TableCount;
        importer.Told.Clear();

        Assert.Equal(2, vm.Read(Address + Page).Level);

        Assert.Equal(tables - 1, vm.Vm.TableCount);
        Assert.Equal([new TdpFlush(Address, TestVm.Page2M, FreesTables: true)], importer.Flushes);
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    [Fact]
    public void Host_pages_that_go_and_come_back_lie_elsewhere()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, 2 * TestVm.Page2M, backingLevel: 2);
        ulong first = vm.Read(Address).Output.Value;
        ulong second = vm.Read(Address + TestVm.Page2M).Output.Value;

        // The host unmaps whole pages of its own size.
        Assert.Equal(1, vm.Vm.UnmapHost(new InputAddress(Address + Page), Page));

        Assert.NotEqual(first, vm.Read(Address).Output.Value);
        Assert.Equal(second, vm.Read(Address + TestVm.Page2M).Output.Value);
        Assert.Equal(0, vm.Vm.UnmapHost(new InputAddress(0x9000_0000), Page));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }
}

using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>How an export ends, and what lives as long as it.</summary>
public sealed class ExportLifetimeTests
{
    private const ulong Address = 0x1000_0000;

    // What one fill of a cache allocates.
    private const int CacheSize = 40;

    [Fact]
    public void The_last_put_unmarks_and_zaps_the_root_and_its_address_is_gone()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        TdpRoot root = fd.Root!;
        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Read));
        Assert.Equal(4, vm.Vm.TableCount);

        fd.Put();

        Assert.False(root.IsExported);
        Assert.True(root.IsValid);
        Assert.Equal(1, root.References);
        Assert.All(Enumerable.Range(0, HostMemory.EntriesPerPage), i => Assert.Equal(vm.Layout.Empty, root.Read(i)));
        Assert.Equal(1, vm.Vm.TableCount);
        Assert.Null(fd.Root);
        Assert.Null(fd.GetMetadata());
        Assert.True(fd.IsReleased);
        Assert.Equal(1, vm.Vm.References);
    }

    [Fact]
    public void Each_reference_keeps_the_export_and_none_is_to_be_had_after_the_last()
    {
        var vm = TestVm.WithVCpu();
        TdpFd fd = vm.Export();
        Assert.Equal(1, fd.References);
        Assert.True(fd.TryGet());
        fd.Put();
        Assert.Equal((1, false), (fd.References, fd.IsReleased));
        Assert.True(fd.Root!.IsExported);

        fd.Put();
        Assert.Equal((0, true), (fd.References, fd.IsReleased));
        Assert.False(fd.TryGet());
        Assert.Equal(0, fd.References);

        // Putting what nobody has does nothing further.
        fd.Put();
        Assert.Equal(1, vm.Vm.References);
        Assert.Single(vm.Events, e => e.Kind == MachineEventKind.Released);
    }

    [Fact]
    public void A_put_root_is_exported_again_empty()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd first = vm.Export();
        TdpRoot root = first.Root!;
        vm.Fault(first, Address, TdpAccess.Read);
        first.Put();

        TdpFd second = vm.Export();

        Assert.Same(root, second.Root);
        Assert.Equal(vm.Layout.Empty, vm.Entry(root, Address));
        Assert.Equal(Errno.None, vm.Fault(second, Address, TdpAccess.Read));
    }

    [Fact]
    public void A_released_export_serves_no_fault()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        fd.Put();

        Assert.Equal(Errno.EFAULT, vm.Fault(fd, Address, TdpAccess.Read));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Putting_flushes_nothing_unless_that_hazard_is_closed(bool isClosed)
    {
        var vm = TestVm.WithVCpu(isClosed ? SharingMode.Closing(Hazard.PutWithoutFlush) : SharingMode.AsPosted);
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        Assert.Equal(Errno.None, fd.RegisterImporter(importer, this));
        ulong before = vm.Write(Address).Output.Value;
        Assert.Equal(0, vm.Machine.Counters.StaleHits);

        fd.Put();

        Assert.Equal(isClosed ? [TdpFlush.All] : [], importer.Flushes);
        Assert.Equal(isClosed ? 1 : 0, vm.Machine.Counters.Flushes);
        Assert.Equal(before, vm.Write(Address).Output.Value);
        Assert.Equal(isClosed ? 0 : 1, vm.Machine.Counters.StaleHitsAt(StalePlace.CpuTlb));
    }

    [Fact]
    public void A_vm_lives_as_long_as_its_export()
    {
        var vm = TestVm.WithVCpu(SharingMode.Closing(Hazard.CachesNeverFreed));
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        Assert.Equal(2, vm.Vm.References);

        vm.Vm.Put();

        Assert.Equal(1, vm.Vm.References);
        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Read));
        vm.Read(Address);
        Assert.Equal(4, vm.Vm.TableCount);

        fd.Put();

        Assert.Equal(0, vm.Vm.References);
        Assert.Empty(vm.Vm.Roots);
        Assert.Equal(0, vm.Machine.Memory.TableCount);
        Assert.Equal(0, vm.Machine.Counters.FreedTableReads);
    }

    [Fact]
    public void What_the_export_has_cached_is_never_freed_as_posted()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        vm.Fault(fd, Address, TdpAccess.Read);
        vm.Vm.Put();
        fd.Put();

        // A root and three tables were made of it.
        Assert.Equal(CacheSize - 4, vm.Machine.Memory.TableCount);
    }

    [Fact]
    public void A_vm_that_goes_frees_its_tables_and_those_of_all_roles()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        vm.Read(Address);
        vm.Do(Access.Read, Address, isSmm: true);
        vm.Do(Access.Read, Address, isGuestMode: true);
        Assert.Equal(3 * 4, vm.Vm.TableCount);

        vm.Vm.Put();

        Assert.Equal(0, vm.Machine.Memory.TableCount);
        Assert.Equal(3, vm.Events.Count(e => e.Kind == MachineEventKind.RootFreed));
    }
}

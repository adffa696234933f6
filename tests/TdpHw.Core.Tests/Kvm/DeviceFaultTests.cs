using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>Faults of devices through an export: what they map and what they are answered.</summary>
public sealed class DeviceFaultTests
{
    private const ulong Address = 0x1000_0000;
    private const TdpAccess ReadWrite = TdpAccess.Read | TdpAccess.Write;

    // Write-back in bits 5:3, IPAT in bit 6.
    private const ulong TypeMask = 0x78;
    private const ulong WriteBackIgnorePat = (6 << 3) | (1 << 6);

    [Fact]
    public void A_fault_maps_what_a_vcpu_then_finds()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M, backingLevel: 2);
        TdpFd fd = vm.Export();

        Assert.Equal(Errno.None, vm.Fault(fd, Address + 0x5000, ReadWrite));

        ulong entry = vm.Entry(fd.Root!, Address);
        Assert.Equal(2, vm.LevelOf(fd.Root!, Address));
        Assert.Equal(WriteBackIgnorePat, entry & TypeMask);
        Assert.Equal(0, vm.FaultsIn(() => Assert.Equal(vm.Layout.AddressOf(entry).Value + 0x5123, vm.Write(Address + 0x5123).Output.Value)));
    }

    [Theory]
    [InlineData(TdpAccess.Read)]
    [InlineData(TdpAccess.Write)]
    [InlineData(TdpAccess.Execute)]
    [InlineData(ReadWrite | TdpAccess.Execute)]
    public void Any_access_is_enough(TdpAccess access)
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();

        Assert.Equal(Errno.None, vm.Fault(fd, Address, access));
        Assert.True(vm.Layout.IsPresent(vm.Entry(fd.Root!, Address)));
    }

    [Fact]
    public void No_access_and_another_process_are_invalid()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();

        Assert.Equal(Errno.EINVAL, vm.Fault(fd, Address, TdpAccess.None));
        Assert.Equal(Errno.EINVAL, fd.Fault(new ProcessMemory("another process"), Address >> 12, TdpAccess.Read));
        Assert.Equal(vm.Layout.Empty, vm.Entry(fd.Root!, Address));
    }

    [Fact]
    public void A_process_that_ends_serves_nobody()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        vm.Vm.ExitProcess();

        Assert.Equal(Errno.EPERM, vm.Fault(fd, Address, TdpAccess.Read));

        // What was wrong with the request itself is said first.
        Assert.Equal(Errno.EINVAL, vm.Fault(fd, Address, TdpAccess.None));
        Assert.Equal(Errno.EPERM, vm.Vm.VCpus[0].Access(new InputAddress(Address), Access.Read).Error);
    }

    [Theory]
    [InlineData(false, Errno.EFAULT)]
    [InlineData(true, Errno.None)]
    public void A_page_that_is_there_already_is_refused_as_posted(bool isClosed, Errno expected)
    {
        SharingMode mode = isClosed ? SharingMode.Closing(Hazard.SpuriousFaultFails) : SharingMode.AsPosted;
        var vm = TestVm.WithVCpu(mode);
        vm.AddSlot(Address, 2 * TestVm.Page2M, backingLevel: 2);
        TdpFd fd = vm.Export();

        // Made by a device, and made by a vCPU.
        Assert.Equal(Errno.None, vm.Fault(fd, Address, ReadWrite));
        Assert.Equal(expected, vm.Fault(fd, Address, ReadWrite));
        Assert.Equal(expected, vm.Fault(fd, Address + 0x1000, TdpAccess.Read));
        vm.Write(Address + TestVm.Page2M);
        Assert.Equal(expected, vm.Fault(fd, Address + TestVm.Page2M, ReadWrite));
    }

    [Fact]
    public void Where_no_memory_is_nothing_is_made_and_what_a_vcpu_made_is_left()
    {
        const ulong mmio = 0x5000_0000;
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();

        Assert.Equal(Errno.EFAULT, vm.Fault(fd, mmio, ReadWrite));
        Assert.Equal(1, vm.Vm.TableCount);

        Assert.True(vm.Write(mmio).IsMmio);
        ulong entry = vm.Entry(fd.Root!, mmio);
        Assert.True(vm.Layout.IsMmio(entry));
        Assert.Equal(Errno.EFAULT, vm.Fault(fd, mmio, ReadWrite));
        Assert.Equal(entry, vm.Entry(fd.Root!, mmio));
    }

    [Fact]
    public void A_write_to_a_read_only_slot_would_have_to_be_emulated()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M, isReadOnly: true);
        TdpFd fd = vm.Export();

        Assert.Equal(Errno.EFAULT, vm.Fault(fd, Address, TdpAccess.Write));
        Assert.Equal(vm.Layout.Empty, vm.Entry(fd.Root!, Address));
        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Read));
        Assert.False(vm.Layout.IsWritable(vm.Entry(fd.Root!, Address)));
        Assert.Equal(0ul, vm.Entry(fd.Root!, Address) & vm.Layout.HostWritableMask);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_kvm_keeps_to_itself_is_mapped_for_devices_as_posted(bool isClosed)
    {
        var vm = TestVm.WithVCpu(isClosed ? SharingMode.Closing(Hazard.PrivateMemoryExposed) : SharingMode.AsPosted);
        vm.AddSlot(Address, 0x3000, isPrivate: true);
        TdpFd fd = vm.Export();

        Assert.Equal(isClosed ? Errno.EFAULT : Errno.None, vm.Fault(fd, Address, TdpAccess.Write));
        TdpRoot used = vm.Write(Address).Root!;
        Assert.Equal(!isClosed, used == fd.Root);
        Assert.Equal(isClosed ? vm.Layout.Empty : vm.Entry(used, Address), vm.Entry(fd.Root!, Address));
    }

    [Theory]
    [InlineData(false, Errno.EDEADLK)]
    [InlineData(true, Errno.EFAULT)]
    public void A_fault_on_broken_memory_never_ends_as_posted_and_keeps_the_slots_lock(bool isClosed, Errno expected)
    {
        var vm = TestVm.WithVCpu(isClosed ? SharingMode.Closing(Hazard.PoisonRetriedForEver) : SharingMode.AsPosted);
        MemorySlot slot = vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        Assert.Equal(Errno.None, vm.Vm.Poison(new InputAddress(Address)));

        Assert.Equal(expected, vm.Fault(fd, Address, TdpAccess.Read));
        Errno after = isClosed ? Errno.None : Errno.EDEADLK;
        Assert.Equal(after, vm.Fault(fd, Address + 0x1000, TdpAccess.Read));
        Assert.Equal(after, vm.Vm.AddSlot(new MemorySlotSettings(new InputAddress(0x9000_0000), 0x1000), out _));
        Assert.Equal(after, vm.Vm.DeleteSlot(slot));
    }

    [Fact]
    public void A_vcpu_that_touches_broken_memory_is_told()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        vm.Read(Address);
        vm.Vm.Poison(new InputAddress(Address));

        Assert.Equal(Errno.EFAULT, vm.Vm.VCpus[0].Access(new InputAddress(Address), Access.Read).Error);
        vm.Read(Address + 0x1000);
        Assert.Equal(Errno.EFAULT, vm.Vm.Poison(new InputAddress(0x7000_0000)));
    }

    [Fact]
    public void A_fault_that_comes_second_tries_again()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        vm.Vm.LoseDeviceFault();

        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Read));
        Assert.Equal(1, vm.Machine.Counters.LostRaces);
        Assert.True(vm.Layout.IsPresent(vm.Entry(fd.Root!, Address)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_page_that_the_host_takes_away_in_between_is_looked_up_again(bool isClosed)
    {
        // Between the two the host goes on with small pages: what was decided for the huge one is wrong.
        var vm = TestVm.WithVCpu(isClosed ? SharingMode.Closing(Hazard.StaleFaultState) : SharingMode.AsPosted);
        const ulong other = 0x3000_0000;
        vm.AddSlot(Address, TestVm.Page2M, backingLevel: 2);
        vm.AddSlot(other, 0x1000);
        TdpFd fd = vm.Export();
        vm.Vm.LoseDeviceFault();
        vm.Vm.InterruptDeviceFault(() =>
        {
            vm.Vm.UnmapHost(new InputAddress(Address), TestVm.Page2M, newBackingLevel: 1);

            // The next frame is not the first of a huge page.
            vm.Read(other);
        });

        Assert.Equal(Errno.None, vm.Fault(fd, Address + 0x3000, TdpAccess.Read));

        Assert.Equal(isClosed ? 1 : 2, vm.LevelOf(fd.Root!, Address + 0x3000));
        Assert.Equal(isClosed ? 0 : 1, vm.Events.Count(e => e.Kind == MachineEventKind.Warning));
    }

    [Fact]
    public void A_fault_without_memory_for_its_tables_fails_and_leaves_none_behind()
    {
        const ulong apart = TestVm.Page1G;
        const int faults = 17;
        var vm = TestVm.WithVCpu();
        TdpFd fd = vm.Export();
        for (ulong i = 0; i <= faults; i++)
        {
            vm.AddSlot(Address + (i * apart), TestVm.Page2M);
        }

        for (ulong i = 0; i < faults; i++)
        {
            Assert.Equal(Errno.None, vm.Fault(fd, Address + (i * apart), TdpAccess.Read));
        }

        // The root, one table at level 3, two for each fault: of 40 four are left, fewer than a fault may need.
        int tables = vm.Vm.TableCount;
        Assert.Equal(2 + (2 * faults), tables);
        vm.Machine.Allocations.FailNext(1);
        Assert.Equal(Errno.EFAULT, vm.Fault(fd, Address + (faults * apart), TdpAccess.Read));
        Assert.Equal(tables, vm.Vm.TableCount);
        Assert.Equal(Errno.None, vm.Fault(fd, Address + (faults * apart), TdpAccess.Read));
        Assert.Equal(tables + 2, vm.Vm.TableCount);
    }

    [Fact]
    public void A_vcpu_without_memory_for_its_root_is_told()
    {
        const int needed = 5;
        const int cacheSize = 40;
        for (int n = 1; n <= 2 * cacheSize; n++)
        {
            var vm = TestVm.WithVCpu();
            vm.AddSlot(Address, TestVm.Page2M);
            vm.Machine.Allocations.FailNext(n);
            CpuAccess access = vm.Vm.VCpus[0].Access(new InputAddress(Address), Access.Read);
            bool isTooFew = n <= needed || (n > cacheSize && n <= cacheSize + needed);

            Assert.Equal(isTooFew ? Errno.ENOMEM : Errno.None, access.Error);
            vm.Read(Address);
            vm.Vm.Put();
            Assert.Equal(0, vm.Machine.Memory.TableCount);
        }
    }
}

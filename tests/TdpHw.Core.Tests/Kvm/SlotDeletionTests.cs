using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>A slot goes: roots become invalid and live on while loaded, an exported one stays valid and is emptied.</summary>
public sealed class SlotDeletionTests
{
    private const ulong Address = 0x1000_0000;
    private const ulong Other = 0x2000_0000;

    [Fact]
    public void A_root_made_invalid_lives_until_the_last_vcpu_has_left_it()
    {
        var vm = TestVm.WithVCpu();
        VCpu second = vm.Vm.AddVCpu(TestVm.HostBits);
        MemorySlot slot = vm.AddSlot(Address, TestVm.Page2M);
        vm.AddSlot(Other, TestVm.Page2M);
        TdpRoot old = vm.Read(Address).Root!;
        second.Access(new InputAddress(Other), Access.Read);
        TdpRole role = old.Role;
        Assert.Equal(3, old.References);

        Assert.Equal(Errno.None, vm.Vm.DeleteSlot(slot));

        // The MMU has put its reference, two vCPUs have theirs; what was below is gone.
        Assert.False(old.IsValid);
        Assert.Equal(2, old.References);
        Assert.Same(old, Assert.Single(vm.Vm.Roots));
        Assert.Equal(1, vm.Vm.TableCount);

        TdpRoot made = vm.Read(Other).Root!;
        Assert.NotSame(old, made);
        Assert.Equal(role, made.Role);
        Assert.Equal((1, 2), (old.References, made.References));
        Assert.True(vm.Machine.Memory.IsTable(old.Address));

        Assert.Same(made, second.Access(new InputAddress(Other), Access.Read).Root);
        Assert.Same(made, Assert.Single(vm.Vm.Roots));
        Assert.False(vm.Machine.Memory.IsTable(old.Address));
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    [Fact]
    public void A_root_that_nobody_has_loaded_goes_at_once()
    {
        var vm = TestVm.WithVCpu();
        MemorySlot slot = vm.AddSlot(Address, TestVm.Page2M);
        TdpRoot smm = vm.Do(Access.Read, Address, isSmm: true).Root!;
        vm.Read(Address);

        vm.Vm.DeleteSlot(slot);

        Assert.DoesNotContain(smm, vm.Vm.Roots);
        Assert.False(vm.Machine.Memory.IsTable(smm.Address));
    }

    [Fact]
    public void An_exported_root_stays_valid_and_loses_its_leaves_with_one_flush_of_everything()
    {
        var vm = TestVm.WithVCpu();
        MemorySlot slot = vm.AddSlot(Address, TestVm.Page2M);
        vm.AddSlot(Other, TestVm.Page2M);
        TdpFd fd = vm.Export();
        TdpRoot root = fd.Root!;
        var importer = new RecordingImporter();
        fd.RegisterImporter(importer, this);
        vm.Read(Address);
        vm.Fault(fd, Other, TdpAccess.Read);
        int tables = vm.Vm.TableCount;
        int references = root.References;

        vm.Vm.DeleteSlot(slot);

        Assert.True(root.IsValid);
        Assert.True(root.IsExported);
        Assert.Equal(references, root.References);
        Assert.Equal(tables, vm.Vm.TableCount);
        Assert.Equal(vm.Layout.Empty, vm.Entry(root, Address));
        Assert.Equal(vm.Layout.Empty, vm.Entry(root, Other));
        Assert.Equal([TdpFlush.All], importer.Flushes);

        // vCPUs stay in it, and so do devices.
        Assert.Same(root, vm.Read(Other).Root);
        Assert.True(vm.Read(Address).IsMmio);
        Assert.Equal(0, vm.Machine.Counters.StaleHits);
    }

    [Fact]
    public void An_exported_root_without_leaves_is_not_flushed()
    {
        var vm = TestVm.WithVCpu();
        MemorySlot slot = vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        fd.RegisterImporter(importer, this);

        vm.Vm.DeleteSlot(slot);

        Assert.Empty(importer.Told);
        Assert.Equal(0, vm.Machine.Counters.Flushes);
    }

    [Fact]
    public void Only_the_exported_root_is_spared()
    {
        var vm = TestVm.WithVCpu();
        MemorySlot slot = vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        vm.Read(Address);
        TdpRoot smm = vm.Do(Access.Read, Address, isSmm: true).Root!;

        vm.Vm.DeleteSlot(slot);

        Assert.False(smm.IsValid);
        Assert.True(fd.Root!.IsValid);
    }

    [Fact]
    public void A_root_that_is_exported_no_more_is_made_invalid_like_any_other()
    {
        var vm = TestVm.WithVCpu();
        MemorySlot slot = vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        TdpRoot root = fd.Root!;
        vm.Read(Address);
        fd.Put();

        vm.Vm.DeleteSlot(slot);

        Assert.False(root.IsValid);
    }

    [Fact]
    public void A_deleted_slot_is_emulated_and_can_be_made_again()
    {
        var vm = TestVm.WithVCpu();
        MemorySlot slot = vm.AddSlot(Address, TestVm.Page2M);
        ulong frame = vm.Read(Address).Output.Value;
        vm.Vm.DeleteSlot(slot);

        Assert.True(vm.Read(Address).IsMmio);
        Assert.Equal(Errno.ENOENT, vm.Vm.DeleteSlot(slot));

        vm.AddSlot(Address, TestVm.Page2M);
        CpuAccess again = vm.Read(Address);
        Assert.False(again.IsMmio);
        Assert.NotEqual(frame, again.Output.Value);
    }
}

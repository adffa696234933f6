using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>Who imports an export, and what importers are told.</summary>
public sealed class ImporterTests
{
    private const ulong Address = 0x1000_0000;

    [Fact]
    public void An_importer_registers_once_and_again_after_it_was_removed()
    {
        TdpFd fd = TestVm.WithVCpu().Export();
        var importer = new RecordingImporter();

        Assert.Equal(Errno.None, fd.RegisterImporter(importer, "a"));
        Assert.Equal(Errno.EBUSY, fd.RegisterImporter(importer, "a"));
        fd.UnregisterImporter(importer, "a");
        Assert.Equal(Errno.None, fd.RegisterImporter(importer, "a"));
    }

    [Fact]
    public void As_posted_importers_are_told_apart_by_their_code_alone()
    {
        var vm = TestVm.WithVCpu();
        TdpFd fd = vm.Export();
        var one = new RecordingImporter();
        var other = new RecordingImporter();
        Assert.Equal(Errno.None, fd.RegisterImporter(one, "a"));
        Assert.Equal(Errno.EBUSY, fd.RegisterImporter(one, "b"));
        Assert.Equal(Errno.None, fd.RegisterImporter(other, "a"));

        // Whoever removes with the same code removes the first one's too.
        fd.UnregisterImporter(one, "b");
        vm.Vm.FlushRemoteTlbs(0, ulong.MaxValue, freesTables: false);

        Assert.Empty(one.Told);
        Assert.Equal([("a", TdpFlush.All)], other.Told);
    }

    [Fact]
    public void With_that_hazard_closed_they_are_told_apart_by_what_they_registered_with()
    {
        var vm = TestVm.WithVCpu(SharingMode.Closing(Hazard.ImportersConfused));
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        Assert.Equal(Errno.None, fd.RegisterImporter(importer, "a"));
        Assert.Equal(Errno.None, fd.RegisterImporter(importer, "b"));
        Assert.Equal(Errno.EBUSY, fd.RegisterImporter(importer, "b"));

        fd.UnregisterImporter(importer, "b");
        vm.Vm.FlushRemoteTlbs(0, ulong.MaxValue, freesTables: false);

        Assert.Equal([("a", TdpFlush.All)], importer.Told);
    }

    [Fact]
    public void An_importer_needs_memory()
    {
        var vm = TestVm.WithVCpu();
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        vm.Machine.Allocations.FailNext(1);

        Assert.Equal(Errno.ENOMEM, fd.RegisterImporter(importer, "a"));
        vm.Vm.FlushRemoteTlbs(0, ulong.MaxValue, freesTables: false);
        Assert.Empty(importer.Told);
        Assert.Equal(Errno.None, fd.RegisterImporter(importer, "a"));
    }

    [Fact]
    public void A_release_drops_importers_without_a_word_as_posted()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        fd.RegisterImporter(importer, "a");
        vm.Read(Address);

        fd.Put();
        vm.Vm.FlushRemoteTlbs(0, ulong.MaxValue, freesTables: false);

        Assert.Empty(importer.Told);
    }

    [Fact]
    public void A_flush_kicks_every_vcpu_before_it_tells_every_importer()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        var one = new RecordingImporter();
        var other = new RecordingImporter();
        fd.RegisterImporter(one, "a");
        fd.RegisterImporter(other, "b");
        vm.Read(Address);
        vm.Events.Clear();

        vm.Vm.UnmapHost(new InputAddress(Address), 0x1000);

        Assert.Equal(
            [MachineEventKind.CpuFlush, MachineEventKind.ImporterNotified, MachineEventKind.ImporterNotified],
            vm.Events.Select(e => e.Kind).Where(k => k is MachineEventKind.CpuFlush or MachineEventKind.ImporterNotified));
        Assert.Equal([TdpFlush.All], one.Flushes);
        Assert.Equal([TdpFlush.All], other.Flushes);
    }

    [Fact]
    public void A_flush_of_frames_is_told_in_bytes_and_one_of_everything_with_both_ends()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        fd.RegisterImporter(importer, "a");
        vm.Write(Address + 0x3000);

        vm.Vm.WriteProtect(new InputAddress(Address + 0x2000), 0x4000);
        vm.Vm.FlushRemoteTlbs(0, ulong.MaxValue, freesTables: false);

        Assert.Equal((Address + 0x2000, 0x4000ul), (importer.Told[0].Flush.Start, importer.Told[0].Flush.Size));
        Assert.False(importer.Told[0].Flush.FreesTables);
        Assert.Equal((0ul, ulong.MaxValue), (importer.Told[1].Flush.Start, importer.Told[1].Flush.Size));
        Assert.True(importer.Told[1].Flush.IsAll);
    }

    [Fact]
    public void A_change_that_concerns_another_root_is_told_too()
    {
        // Flushes are not filtered by root or address space.
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        fd.RegisterImporter(importer, "a");
        vm.Do(Access.Read, Address, isSmm: true);

        vm.Vm.UnmapHost(new InputAddress(Address), 0x1000);

        Assert.Equal([TdpFlush.All], importer.Flushes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_end_of_the_process_is_told_only_if_that_hazard_is_closed(bool isClosed)
    {
        var vm = TestVm.WithVCpu(isClosed ? SharingMode.Closing(Hazard.ExitWithoutFlush) : SharingMode.AsPosted);
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();
        var importer = new RecordingImporter();
        fd.RegisterImporter(importer, "a");
        vm.Read(Address);

        vm.Vm.ExitProcess();

        Assert.Equal(isClosed ? [TdpFlush.All] : [], importer.Flushes);
        Assert.Equal(1, vm.Vm.TableCount);
        Assert.Equal(vm.Layout.Empty, vm.Entry(fd.Root!, Address));
    }
}

using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>KVM_CREATE_TDP_FD: what it wants, what it answers and what a failure leaves behind.</summary>
public sealed class ExportTests
{
    private const ulong Address = 0x1000_0000;

    // The export, its file, headers and pages of the caches, the metadata.
    private const int Objects = 2;
    private const int CacheSize = 40;
    private const int Needed = 5;
    private const int Allocations = Objects + (2 * CacheSize) + 1;

    [Theory]
    [InlineData(2, 0, 0)]
    [InlineData(uint.MaxValue, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 1)]
    [InlineData(0, 0, 0x8000_0000)]
    [InlineData(1, 0, 0)]
    public void A_wrong_argument_is_invalid(uint addressSpace, uint mode, uint pad)
    {
        var vm = TestVm.WithVCpu();

        AssertRefused(vm, Errno.EINVAL, addressSpace, mode, pad);
        Assert.Empty(vm.Vm.Roots);
    }

    [Fact]
    public void A_vm_without_vcpu_is_not_exported() => AssertRefused(new TestVm(), Errno.EINVAL);

    [Fact]
    public void A_vm_without_the_tdp_mmu_is_not_exported() =>
        AssertRefused(TestVm.WithVCpu(settings: new VmSettings { UsesTdpMmu = false }), Errno.EINVAL);

    [Fact]
    public void A_kernel_built_for_hyper_v_exports_nothing() =>
        AssertRefused(TestVm.WithVCpu(settings: new VmSettings { IsHyperVBuild = true }), Errno.EINVAL);

    [Theory]
    [InlineData("low")]
    [InlineData("low-ve")]
    public void Entries_with_mmu_present_where_importers_want_zero_are_not_exported(string variant)
    {
        var vm = new TestVm(vendor: new VmxVendor(new EptCapabilities { MaxPhyAddr = TestVm.HostBits }, variant));
        vm.Vm.AddVCpu(TestVm.HostBits);

        AssertRefused(vm, Errno.EINVAL);
    }

    [Fact]
    public void A_vcpu_without_cpuid_is_not_enough_unless_that_hazard_is_closed()
    {
        var posted = new TestVm();
        posted.Vm.AddVCpu(null);
        AssertRefused(posted, Errno.EINVAL);

        var closed = new TestVm(SharingMode.Closing(Hazard.NoCpuid));
        closed.Vm.AddVCpu(null);
        Assert.NotNull(closed.Export());
    }

    [Theory]
    [InlineData(31, false)]
    [InlineData(32, true)]
    public void A_vm_narrower_than_32_bits_is_not_exported(int width, bool isExported)
    {
        var vm = new TestVm();
        vm.Vm.AddVCpu(TestVm.HostBits);
        vm.Vm.AddVCpu(width);

        Assert.Equal(isExported ? Errno.None : Errno.EINVAL, vm.Vm.CreateTdpFd(0, 0, 0, out _));
    }

    [Fact]
    public void A_vm_with_non_coherent_dma_is_not_exported_until_it_is_gone()
    {
        var vm = TestVm.WithVCpu();
        Assert.Equal(Errno.None, vm.Vm.SetNoncoherentDma(true));
        Assert.Equal(Errno.None, vm.Vm.SetNoncoherentDma(true));
        AssertRefused(vm, Errno.EINVAL);
        Assert.Equal(Errno.None, vm.Vm.SetNoncoherentDma(false));
        AssertRefused(vm, Errno.EINVAL);
        Assert.Equal(Errno.None, vm.Vm.SetNoncoherentDma(false));

        Assert.NotNull(vm.Export());
    }

    [Theory]
    [InlineData(false, Errno.None)]
    [InlineData(true, Errno.EBUSY)]
    public void Non_coherent_dma_that_comes_later_is_warned_of_or_refused(bool isClosed, Errno expected)
    {
        var vm = TestVm.WithVCpu(isClosed ? SharingMode.Closing(Hazard.LateNoncoherentDma) : SharingMode.AsPosted);
        vm.Export();

        Assert.Equal(expected, vm.Vm.SetNoncoherentDma(true));
        Assert.Equal(isClosed ? 0 : 1, vm.Vm.NoncoherentDmaCount);
        Assert.Equal(isClosed ? 0 : 1, vm.Events.Count(e => e.Kind == MachineEventKind.Warning));
    }

    [Fact]
    public void An_address_space_is_exported_once_at_a_time()
    {
        var vm = TestVm.WithVCpu();
        TdpFd first = vm.Export();

        Assert.Equal(Errno.EEXIST, vm.Vm.CreateTdpFd(0, 0, 0, out TdpFd? second));
        Assert.Null(second);
        Assert.Equal(2, vm.Vm.References);
        Assert.Equal(2, first.Root!.References);

        // A reserved argument is looked at before, what may be exported after.
        Assert.Equal(Errno.EINVAL, vm.Vm.CreateTdpFd(0, 1, 0, out _));
        vm.Vm.SetNoncoherentDma(true);
        Assert.Equal(Errno.EEXIST, vm.Vm.CreateTdpFd(0, 0, 0, out _));
        vm.Vm.SetNoncoherentDma(false);

        first.Put();
        Assert.NotNull(vm.Export());
    }

    [Fact]
    public void A_vm_that_is_gone_is_no_device()
    {
        var vm = TestVm.WithVCpu();
        vm.Vm.Put();

        Assert.Equal(Errno.ENODEV, vm.Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd));
        Assert.Null(fd);
        Assert.Equal(0, vm.Vm.References);
    }

    [Fact]
    public void Whichever_allocation_fails_a_try_leaves_nothing_behind()
    {
        var failed = new List<int>();
        for (int n = 1; n <= Allocations; n++)
        {
            var vm = TestVm.WithVCpu(SharingMode.Closing(Hazard.CachesNeverFreed));
            vm.Machine.Allocations.FailNext(n);
            Errno error = vm.Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd);
            if (error != Errno.None)
            {
                failed.Add(n);
                Assert.Equal(Errno.ENOMEM, error);
                Assert.Null(fd);
                Assert.Equal(1, vm.Vm.References);
                Assert.All(vm.Vm.Roots, r => Assert.Equal((1, false), (r.References, r.IsExported)));
                fd = vm.Export();
            }

            Assert.Equal(2, fd!.Root!.References);
            Assert.Single(vm.Vm.Roots);
            vm.Vm.Put();
            fd.Put();
            Assert.Equal(0, vm.Machine.Memory.TableCount);
        }

        // Caches that are filled to at least what one fault may need are enough.
        Assert.Equal(
            [
                .. Enumerable.Range(1, Objects),
                .. Enumerable.Range(Objects + 1, Needed),
                .. Enumerable.Range(Objects + CacheSize + 1, Needed),
                Allocations,
            ],
            failed);
    }

    [Fact]
    public void An_export_makes_no_further_allocation()
    {
        var vm = TestVm.WithVCpu();
        vm.Machine.Allocations.FailNext(Allocations + 1);

        Assert.NotNull(vm.Export());
        Assert.Equal(Errno.ENOMEM, vm.Vm.AddSlot(new MemorySlotSettings(new InputAddress(Address), TestVm.Page2M), out _));
    }

    [Fact]
    public void Two_creations_at_once_both_win_as_posted_and_share_the_root()
    {
        (TestVm vm, Errno outer, TdpFd? outerFd, TdpFd innerFd) = Race(SharingMode.AsPosted);

        Assert.Equal(Errno.None, outer);
        Assert.Same(innerFd.Root, outerFd!.Root);
        Assert.Equal(3, vm.Vm.References);

        // KVM warns of a root that is exported already.
        Assert.Single(vm.Events, e => e.Kind == MachineEventKind.Warning);
    }

    [Fact]
    public void Of_two_creations_at_once_the_one_that_comes_second_fails_and_takes_nothing_from_the_first()
    {
        (TestVm vm, Errno outer, TdpFd? outerFd, TdpFd innerFd) = Race(SharingMode.Closing(Hazard.CreationRaces));

        Assert.Equal(Errno.EEXIST, outer);
        Assert.Null(outerFd);
        Assert.Equal(2, vm.Vm.References);
        Assert.Equal((2, true), (innerFd.Root!.References, innerFd.Root.IsExported));
        Assert.NotEqual(vm.Layout.Empty, vm.Entry(innerFd.Root, Address));
    }

    /// <summary>A second creation that begins before the first has looked at the list, and ends before it is listed.</summary>
    private static (TestVm Vm, Errno Outer, TdpFd? OuterFd, TdpFd InnerFd) Race(SharingMode mode)
    {
        TdpFd? inner = null;
        TestVm? vm = null;
        var vendor = new InterruptedVendor(new VmxVendor(new EptCapabilities { MaxPhyAddr = TestVm.HostBits }, "high"), () =>
        {
            inner = vm!.Export();
            Assert.Equal(Errno.None, vm.Fault(inner, Address, TdpAccess.Read));
        });
        vm = new TestVm(mode, vendor: vendor);
        vm.Vm.AddVCpu(TestVm.HostBits);
        vm.AddSlot(Address, TestVm.Page2M);
        Errno outer = vm.Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd);
        return (vm, outer, fd, inner!);
    }

    private static void AssertRefused(TestVm vm, Errno expected, uint addressSpace = 0, uint mode = 0, uint pad = 0)
    {
        Assert.Equal(expected, vm.Vm.CreateTdpFd(addressSpace, mode, pad, out TdpFd? fd));
        Assert.Null(fd);
        Assert.Equal(1, vm.Vm.References);
    }
}

using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>Widths, levels, role words and references of roots.</summary>
public sealed class TdpRootTests
{
    private const ulong Address = 0x1000_0000;

    [Fact]
    public void The_width_of_a_vm_is_the_running_minimum_of_the_cpuids_set_so_far()
    {
        Vm vm = new TestVm().Vm;
        Assert.Equal(0, vm.MinMaxPhyAddr);

        VCpu unset = vm.AddVCpu(null);
        Assert.Equal(0, vm.MinMaxPhyAddr);
        VCpu first = vm.AddVCpu(46);
        Assert.Equal(46, vm.MinMaxPhyAddr);
        vm.AddVCpu(48);
        Assert.Equal(46, vm.MinMaxPhyAddr);
        vm.SetCpuid(unset, 40);
        Assert.Equal(40, vm.MinMaxPhyAddr);

        // Nothing is ever forgotten: a wider CPUID later does not take the narrower one back.
        vm.SetCpuid(unset, 52);
        vm.SetCpuid(first, 52);
        Assert.Equal(40, vm.MinMaxPhyAddr);
        Assert.Equal(52, unset.MaxPhyAddr);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(53)]
    public void A_width_that_no_processor_has_is_refused(int width)
    {
        Vm vm = new TestVm().Vm;
        VCpu vcpu = vm.AddVCpu(null);

        Assert.Throws<ArgumentOutOfRangeException>(() => vm.SetCpuid(vcpu, width));
        Assert.Null(vcpu.MaxPhyAddr);
        Assert.Equal(0, vm.MinMaxPhyAddr);
    }

    [Theory]
    [InlineData(4, 32, 4)]
    [InlineData(4, 48, 4)]
    [InlineData(4, 49, 4)]
    [InlineData(4, 52, 4)]
    [InlineData(5, 32, 4)]
    [InlineData(5, 48, 4)]
    [InlineData(5, 49, 5)]
    [InlineData(5, 52, 5)]
    public void Five_levels_are_for_more_than_48_bits(int maxLevels, int width, int expected)
    {
        TestVm vm = new(settings: new VmSettings { MaxLevels = maxLevels });
        vm.Vm.AddVCpu(width);
        vm.AddSlot(Address, TestVm.Page2M);

        Assert.Equal(expected, vm.Vm.LevelsFor(width));
        Assert.Equal(expected, vm.Export().Root!.Level);
        Assert.Equal(expected, vm.Read(Address).Root!.Level);
    }

    [Fact]
    public void The_narrowest_vcpu_decides_the_levels_of_an_export()
    {
        TestVm vm = new(settings: new VmSettings { MaxLevels = 5 });
        vm.Vm.AddVCpu(52);
        vm.Vm.AddVCpu(48);

        Assert.Equal(4, vm.Export().Root!.Level);
    }

    [Fact]
    public void A_role_word_has_its_bits_where_the_kernel_has_them()
    {
        // union kvm_mmu_page_role: level 3:0, direct 7, access 10:8, invalid 11, efer_nx 12, cr0_wp 13, ad_disabled 16,
        // guest_mode 17, smm 31:24.
        var role = TdpRole.Root(4, isSmm: false, isGuestMode: false, isAdDisabled: false);
        Assert.Equal(0x0000_3784u, role.Word);
        Assert.Equal(0x0000_3783u, role.Child().Word);
        Assert.Equal(0x0000_3f84u, role.Invalidated().Word);
        Assert.Equal(0x0100_3785u, TdpRole.Root(5, isSmm: true, isGuestMode: false, isAdDisabled: false).Word);
        Assert.Equal(0x0002_3784u, TdpRole.Root(4, isSmm: false, isGuestMode: true, isAdDisabled: false).Word);
        Assert.Equal(0x0001_3784u, TdpRole.Root(4, isSmm: false, isGuestMode: false, isAdDisabled: true).Word);
        Assert.Equal(0, role.AddressSpace);
        Assert.Equal(1, TdpRole.Root(4, isSmm: true, isGuestMode: false, isAdDisabled: false).AddressSpace);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_vcpu_in_four_roles_has_four_roots_of_which_the_exported_one_serves_one_role(bool exportsFirst)
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd? fd = exportsFirst ? vm.Export() : null;
        var roots = new Dictionary<(bool IsSmm, bool IsGuestMode), TdpRoot>();
        foreach (bool isSmm in new[] { true, false })
        {
            foreach (bool isGuestMode in new[] { true, false })
            {
                roots.Add((isSmm, isGuestMode), vm.Do(Access.Read, Address, isSmm, isGuestMode).Root!);
            }
        }

        fd ??= vm.Export();

        Assert.Equal(4, roots.Values.Distinct().Count());
        Assert.Equal(4, vm.Vm.Roots.Length);
        Assert.Same(roots[(false, false)], fd.Root);
        Assert.All(roots, r => Assert.Equal(r.Value == fd.Root, r.Value.IsExported));
        Assert.All(roots, r => Assert.Equal(r.Key.IsSmm, r.Value.Role.IsSmm));
        Assert.All(roots, r => Assert.Equal(r.Key.IsGuestMode, r.Value.Role.IsGuestMode));
    }

    [Fact]
    public void A_vcpu_that_comes_back_to_a_role_finds_its_root_again()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpRoot usual = vm.Read(Address).Root!;
        TdpRoot smm = vm.Do(Access.Read, Address, isSmm: true).Root!;

        // What is not loaded keeps the reference of the MMU alone.
        Assert.Equal((1, 2), (usual.References, smm.References));
        Assert.Same(usual, vm.Read(Address).Root);
        Assert.Equal((2, 1), (usual.References, smm.References));
    }

    [Fact]
    public void A_new_root_has_two_references_and_each_who_finds_it_adds_one()
    {
        var vm = TestVm.WithVCpu();
        vm.Vm.AddVCpu(TestVm.HostBits);
        vm.AddSlot(Address, TestVm.Page2M);

        TdpFd fd = vm.Export();
        TdpRoot root = fd.Root!;
        Assert.Equal(2, root.References);
        vm.Read(Address);
        Assert.Equal(3, root.References);
        vm.Vm.VCpus[1].Access(new InputAddress(Address), Access.Read);
        Assert.Equal(4, root.References);
        fd.Put();
        Assert.Equal(3, root.References);

        // The MMU keeps a valid root for the next export to find.
        Assert.Same(root, vm.Export().Root);
        Assert.Equal(4, root.References);
    }

    [Fact]
    public void A_root_that_a_vcpu_made_is_found_by_an_export()
    {
        var vm = TestVm.WithVCpu();
        vm.AddSlot(Address, TestVm.Page2M);
        TdpRoot root = vm.Read(Address).Root!;
        Assert.Equal(2, root.References);

        Assert.Same(root, vm.Export().Root);
        Assert.Equal(3, root.References);
        Assert.Equal(0, vm.FaultsIn(() => vm.Read(Address)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_vcpu_of_another_width_has_a_root_of_its_own_unless_that_hazard_is_closed(bool isClosed)
    {
        TestVm vm = new(
            isClosed ? SharingMode.Closing(Hazard.WidthsDiffer) : SharingMode.AsPosted, new VmSettings { MaxLevels = 5 });
        vm.Vm.AddVCpu(52);
        vm.Vm.AddVCpu(48);
        vm.AddSlot(Address, TestVm.Page2M);
        TdpFd fd = vm.Export();

        Assert.Equal(isClosed ? 4 : 5, vm.Read(Address).Root!.Level);
        Assert.Equal(isClosed, vm.Vm.VCpus[0].Root == fd.Root);
        Assert.Same(fd.Root, vm.Vm.VCpus[1].Access(new InputAddress(Address), Access.Read).Root);
    }

    [Fact]
    public void A_vcpu_without_cpuid_is_36_bits_wide()
    {
        // (Linux 6.7 cpuid.c, cpuid_query_maxphyaddr.)
        TestVm vm = new(settings: new VmSettings { MaxLevels = 5 });
        vm.Vm.AddVCpu(null);
        vm.AddSlot(Address, TestVm.Page2M);

        Assert.Equal(4, vm.Read(Address).Root!.Level);
    }
}

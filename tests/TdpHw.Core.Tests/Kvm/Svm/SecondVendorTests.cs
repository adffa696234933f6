using System.Buffers.Binary;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm.Svm;

/// <summary>A vendor that the core knows nothing of exports its tables through it, and an importer of its own checks and walks them.</summary>
public sealed class SecondVendorTests
{
    private const ulong Address = 0x1000_0000;
    private const ulong Mmio = 0xfed0_0000;
    private const int CBit = 45;

    [Fact]
    public void An_importer_gets_the_metadata_of_a_vendor_that_the_core_does_not_know()
    {
        TestVm vm = Create(new SvmVendor(CBit));
        TdpFd fd = vm.Export();
        IExportedTdpMetadata metadata = fd.GetMetadata()!;
        byte[] bytes = new byte[metadata.SizeInBytes];
        metadata.Write(bytes);

        // By hand from the draft's offsets and AMD64 APM vol. 2, 5.3: physical addresses of 46 bits, the encryption bit among them.
        Assert.Equal(112, bytes.Length);
        Assert.Equal(2u, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        Assert.Equal(4, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)));
        Assert.Equal(fd.Root!.Address.Value, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)));
        Assert.Equal(3, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(16)));
        Assert.Equal(1ul << CBit, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24)));
        Assert.Equal(0x000f_c000_0000_0000ul, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(32)));
        Assert.Equal(0x000f_c000_0000_0180ul, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(32 + (3 * sizeof(ulong)))));
        Assert.Equal(0x000f_c000_001f_e000ul, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(32 + (6 * sizeof(ulong)))));
    }

    [Fact]
    public void Its_export_serves_faults_of_devices_and_shares_its_root_with_vcpus()
    {
        TestVm vm = Create(new SvmVendor());
        TdpFd fd = vm.Export();

        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Read | TdpAccess.Write));
        Assert.Equal(0, vm.FaultsIn(() => Assert.Equal(2, vm.Write(Address).Level)));
        Assert.Same(fd.Root, vm.Vm.VCpus[0].Root);

        fd.Put();
        Assert.Null(fd.GetMetadata());
    }

    [Fact]
    public void Its_entries_are_those_of_its_processors()
    {
        TestVm vm = Create(new SvmVendor());
        CpuAccess access = vm.Write(Address);

        // Linux 6.7 spte.c, make_spte for NPT: P, RW, US, A, D, the page size, HOST_WRITABLE (9), MMU_WRITABLE (10), MMU_PRESENT (11).
        Assert.Equal(access.Output.Value | 0xee7, vm.Entry(access.Root!, Address));

        // make_mmio_spte: the reserved bit that svm_adjust_mmio_mask chooses, present, writable and for users; nothing has changed the slots since two.
        Assert.True(vm.Write(Mmio).IsMmio);
        Assert.Equal((1ul << 51) | 1, vm.Entry(access.Root!, Mmio) & ((1ul << 51) | 1));
        Assert.Equal(EntryKind.ReservedBitSet, new SvmVendor().Rules[1].KindOf(vm.Entry(access.Root!, Mmio)));
        Assert.Equal(Mmio >> 12, vm.Layout.MmioGuestFrameOf(vm.Entry(access.Root!, Mmio)));
    }

    [Fact]
    public void A_page_is_aged_by_its_flag()
    {
        TestVm vm = Create(new SvmVendor());
        vm.Read(Address);

        Assert.Equal(1, vm.Vm.Age(new InputAddress(Address), TestVm.Page2M));
        Assert.Equal(0, vm.Vm.Age(new InputAddress(Address), TestVm.Page2M));
        Assert.Equal(0, vm.FaultsIn(() => vm.Read(Address)));
        Assert.Equal(1, vm.Vm.Age(new InputAddress(Address), TestVm.Page2M));
    }

    [Fact]
    public void A_unit_that_walks_tables_of_its_shape_checks_them_and_gets_where_the_vcpu_gets()
    {
        var vendor = new SvmVendor();
        TestVm vm = Create(vendor);
        TdpFd fd = vm.Export();
        var importer = new ImporterOfX64Tables(TestVm.HostBits);
        Assert.Equal(Errno.None, fd.RegisterImporter(importer, "unit"));
        Assert.Equal(Errno.None, importer.Check(fd.GetMetadata()));
        CpuAccess access = vm.Write(Address + 0x1234);
        Assert.True(vm.Write(Mmio).IsMmio);

        WalkResult walk = importer.Walk(vm, fd, Address + 0x1234, Access.Write);
        Assert.True(walk.IsMapped);
        Assert.Equal(access.Output, walk.Output);
        Assert.Equal(WalkOutcome.ReservedBitSet, importer.Walk(vm, fd, Mmio, Access.Write).Outcome);
        Assert.True(importer.Judge(vm, fd, vendor.Rules).IsShareable);

        Assert.Equal(1, vm.Vm.UnmapHost(new InputAddress(Address), TestVm.Page2M));
        Assert.NotEmpty(importer.Flushes);
        Assert.Equal(WalkOutcome.NotPresent, importer.Walk(vm, fd, Address, Access.Read).Outcome);
    }

    [Fact]
    public void A_unit_with_narrower_addresses_refuses_them()
    {
        TestVm vm = Create(new SvmVendor());
        TdpFd fd = vm.Export();

        Assert.Equal(Errno.EOPNOTSUPP, new ImporterOfX64Tables(TestVm.HostBits - 1).Check(fd.GetMetadata()));
        Assert.Equal(Errno.EINVAL, new ImporterOfX64Tables(TestVm.HostBits).Check(null));
    }

    [Fact]
    public void A_vendor_without_metadata_can_not_export_and_keeps_nothing_of_the_try()
    {
        TestVm vm = Create(new SvmVendor(hasMetadata: false));

        Assert.Equal(Errno.EOPNOTSUPP, vm.Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd));
        Assert.Null(fd);
        Assert.Equal(1, vm.Vm.References);
        TdpRoot root = Assert.Single(vm.Vm.Roots);
        Assert.False(root.IsExported);
        Assert.Equal(1, root.References);
    }

    private static TestVm Create(SvmVendor vendor)
    {
        var vm = new TestVm(vendor: vendor);
        vm.Vm.AddVCpu(48);
        vm.AddSlot(Address, TestVm.Page2M, backingLevel: 2);
        return vm;
    }
}

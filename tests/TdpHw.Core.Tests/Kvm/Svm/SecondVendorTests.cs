using System.Buffers.Binary;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Kvm.Svm;

/// <summary>A vendor that the core knows nothing of exports its tables through it.</summary>
public sealed class SecondVendorTests
{
    private const ulong Address = 0x1000_0000;

    [Fact]
    public void An_importer_gets_the_metadata_of_a_vendor_that_the_core_does_not_know()
    {
        var vm = new TestVm(vendor: new SvmVendor(hasMetadata: true));
        vm.Vm.AddVCpu(48);
        vm.AddSlot(Address, TestVm.Page2M, backingLevel: 2);
        TdpFd fd = vm.Export();
        IExportedTdpMetadata metadata = fd.GetMetadata()!;
        byte[] bytes = new byte[metadata.SizeInBytes];
        metadata.Write(bytes);

        Assert.Equal(SvmTdpMetadata.TypeNpt, metadata.Type);
        Assert.Equal(2u, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        Assert.Equal(4, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)));
        Assert.Equal(fd.Root!.Address.Value, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)));
        Assert.Equal(3, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(16)));
        Assert.Equal(SvmVendor.EncryptionMask, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24)));
        Assert.Equal(32, bytes.Length);
    }

    [Fact]
    public void Its_export_serves_faults_of_devices_and_shares_its_root_with_vcpus()
    {
        var vm = new TestVm(vendor: new SvmVendor(hasMetadata: true));
        vm.Vm.AddVCpu(48);
        vm.AddSlot(Address, TestVm.Page2M, backingLevel: 2);
        TdpFd fd = vm.Export();

        Assert.Equal(Errno.None, vm.Fault(fd, Address, TdpAccess.Read | TdpAccess.Write));
        Assert.Equal(0, vm.FaultsIn(() => Assert.Equal(2, vm.Write(Address).Level)));
        Assert.Same(fd.Root, vm.Vm.VCpus[0].Root);

        fd.Put();
        Assert.Null(fd.GetMetadata());
    }

    [Fact]
    public void A_vendor_without_metadata_can_not_export_and_keeps_nothing_of_the_try()
    {
        var vm = new TestVm(vendor: new SvmVendor(hasMetadata: false));
        vm.Vm.AddVCpu(48);

        Assert.Equal(Errno.EOPNOTSUPP, vm.Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd));
        Assert.Null(fd);
        Assert.Equal(1, vm.Vm.References);
        TdpRoot root = Assert.Single(vm.Vm.Roots);
        Assert.False(root.IsExported);
        Assert.Equal(1, root.References);
    }
}

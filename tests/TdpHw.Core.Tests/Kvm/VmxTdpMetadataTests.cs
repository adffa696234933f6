using System.Buffers.Binary;
using System.Text.Json;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

public sealed class VmxTdpMetadataTests
{
    private const int Levels = 5;

    [Theory]
    [InlineData("low", "shadow_before")]
    [InlineData("high", "shadow_after")]
    public void All_ten_masks_of_each_machine_are_those_of_kvm(string variant, string key)
    {
        int cells = 0;
        foreach (JsonElement row in OracleRows.Of("ept_rsvd.json"))
        {
            TdpRoot root = RootOf(row.Number("levels"), out _);
            byte[] bytes = BytesOf(VendorOf(row, variant), root);
            JsonElement expected = row.GetProperty(key);
            for (int bit7 = 0; bit7 < 2; bit7++)
            {
                for (int level = 1; level <= Levels; level++)
                {
                    ulong mask = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24 + (8 * ((Levels * bit7) + level - 1))));
                    Assert.True(
                        Convert.ToUInt64(expected[bit7][level - 1].GetString()![2..], 16) == mask,
                        $"maxphyaddr {row.Number("maxphyaddr")}, huge {row.Number("huge_page_level")}, [{bit7}][{level - 1}]: 0x{mask:x}");
                    cells++;
                }
            }
        }

        Assert.Equal(27 * 2 * Levels, cells);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Type_levels_root_and_largest_page_stand_where_the_struct_has_them(int levels)
    {
        TdpRoot root = RootOf(levels, out ulong address);
        byte[] bytes = BytesOf(new VmxVendor(new EptCapabilities { Walk5 = levels == 5 }, "high"), root);

        Assert.Equal(104, bytes.Length);
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        Assert.Equal(levels, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)));
        Assert.Equal(address, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)));
        Assert.Equal(3, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(16)));
        Assert.Equal(0, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(20)));
    }

    [Fact]
    public void The_largest_page_is_what_the_processor_has()
    {
        foreach (JsonElement row in OracleRows.Of("ept_rsvd.json"))
        {
            var vm = new TestVm(vendor: VendorOf(row, "high"));
            vm.Vm.AddVCpu(TestVm.HostBits);
            TdpFd fd = vm.Export();

            Assert.Equal(row.Number("huge_page_level"), Assert.IsType<VmxTdpMetadata>(fd.GetMetadata()).Value.MaxHugePageLevel);
        }
    }

    [Fact]
    public void Less_room_than_the_struct_needs_is_refused()
    {
        TdpRoot root = RootOf(4, out _);
        IExportedTdpMetadata metadata = new VmxVendor(new EptCapabilities(), "high").ComposeMetadata(root, 3);

        Assert.Equal(104, metadata.SizeInBytes);
        Assert.Throws<ArgumentException>(() => metadata.Write(new byte[103]));
    }

    [Fact]
    public void An_export_tells_of_its_own_root()
    {
        var vm = TestVm.WithVCpu();
        TdpFd fd = vm.Export();
        KvmExportedTdpMetaVmx metadata = Assert.IsType<VmxTdpMetadata>(fd.GetMetadata()).Value;

        Assert.Equal(KvmTdpType.Ept, metadata.Type);
        Assert.Equal(fd.Root!.Address.Value, metadata.RootHpa);
        Assert.Equal(4, metadata.Level);
    }

    private static VmxVendor VendorOf(JsonElement row, string variant) => new(
        new EptCapabilities
        {
            MaxPhyAddr = row.Number("maxphyaddr"),
            Page2M = row.GetProperty("huge_2m").GetBoolean(),
            Page1G = row.GetProperty("huge_1g").GetBoolean(),
        },
        variant);

    private static TdpRoot RootOf(int levels, out ulong address)
    {
        var machine = new Machine(SharingMode.AsPosted);
        address = 0x14aa62000;
        machine.Memory.AddTable(new HostPhysicalAddress(address));
        return new TdpRoot(
            machine, new HostPhysicalAddress(address), TdpRole.Root(levels, isSmm: false, isGuestMode: false, isAdDisabled: false), 0);
    }

    private static byte[] BytesOf(VmxVendor vendor, TdpRoot root)
    {
        IExportedTdpMetadata metadata = vendor.ComposeMetadata(root, vendor.MaxHugePageLevel);
        byte[] bytes = new byte[metadata.SizeInBytes];
        metadata.Write(bytes);
        return bytes;
    }
}

using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

/// <summary>What IOMMU_HWPT_ALLOC refuses. (Series, patches 12 to 21.)</summary>
public sealed class KvmHwptAllocationTests
{
    private static readonly VtdUnitSettings Good = ImportingHost.UnitSettings;

    public static TheoryData<string, bool> Modes => new() { { "high", false }, { "strict", true } };

    public static TheoryData<string, ulong, ulong, bool> PoorUnits => new()
    {
        { "legacy mode", ImportingHost.Cap, ImportingHost.Ecap, false },
        { "no scalable mode", ImportingHost.Cap, ImportingHost.Ecap & ~(1ul << 43), true },
        { "no snoop control", ImportingHost.Cap, ImportingHost.Ecap & ~(1ul << 7), true },
        { "incoherent walks", ImportingHost.Cap, ImportingHost.Ecap & ~(1ul << 48), true },
        { "no 1-GiB pages", ImportingHost.Cap & ~(1ul << 35), ImportingHost.Ecap, true },
        { "no large pages", ImportingHost.Cap & ~(3ul << 34), ImportingHost.Ecap, true },
        { "three levels", (ImportingHost.Cap & ~(0x1ful << 8)) | (1ul << 9), ImportingHost.Ecap, true },
    };

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_table_is_allocated_for_a_unit_that_can_walk_it(string variant, bool isStrict)
    {
        ImportingHost host = CreateHost(variant, isStrict);

        KvmHwpt hwpt = host.Allocate(host.AddDevice());

        Assert.Equal((4, 0), (hwpt.Levels, hwpt.TableCount));
        Assert.Equal(2, host.Fd.References);
        Assert.Equal(Errno.None, hwpt.Destroy());
        Assert.Equal(1, host.Fd.References);
        Assert.Equal(Errno.ENOENT, hwpt.Destroy());
    }

    [Theory]
    [MemberData(nameof(PoorUnits))]
    public void A_unit_that_can_not_walk_it_is_refused(string what, ulong cap, ulong ecap, bool wantsScalable)
    {
        foreach ((string variant, bool isStrict) in new[] { ("high", false), ("strict", true) })
        {
            ImportingHost host = CreateHost(variant, isStrict);
            VtdUnit unit = host.AddUnit(what, Good with { Cap = new(cap), Ecap = new(ecap), WantsScalable = wantsScalable });

            Assert.Equal(Errno.EOPNOTSUPP, Allocate(host, host.AddDevice("00:02.0", unit: unit)));
            Assert.Equal(1, host.Fd.References);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Arguments_that_do_not_fit_are_refused_in_the_posted_order(string variant, bool isStrict)
    {
        ImportingHost host = CreateHost(variant, isStrict);
        VtdUnit without = host.AddUnit("no KVM domains", Good with { TakesKvmDomains = false });
        DmaDevice device = host.AddDevice();

        Assert.Equal(Errno.EOPNOTSUPP, KvmHwpt.Allocate(null, device, host.Vm.Mm, false, out _));
        Assert.Equal(Errno.EOPNOTSUPP, Allocate(host, host.AddDevice("00:02.0", unit: without)));
        Assert.Equal(Errno.EOPNOTSUPP, Allocate(host, device, isNestParent: true));
        Assert.Equal(Errno.None, device.Remove());
        Assert.Equal(Errno.ENODEV, Allocate(host, device, isNestParent: true));
        Assert.Equal(1, host.Fd.References);

        host.Fd.Put();
        Assert.Equal(Errno.EBADF, Allocate(host, host.AddDevice("00:03.0")));
    }

    [Fact]
    public void Metadata_that_the_driver_does_not_know_is_refused()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        DmaDevice device = host.AddDevice();
        Assert.NotNull(host.Fd.GetMetadata());
        KvmExportedTdpMetaVmx known = ((VmxTdpMetadata)host.Fd.GetMetadata()!).Value;

        Assert.Equal(Errno.EFAULT, Allocate(host, device, null));
        Assert.Equal(Errno.EINVAL, Allocate(host, device, new OtherVendorsMetadata()));
        Assert.Equal(Errno.EINVAL, Allocate(host, device, new VmxTdpMetadata(known with { Type = 0 })));
        Assert.Equal(Errno.EOPNOTSUPP, Allocate(host, device, new VmxTdpMetadata(known with { Level = 3 })));
        Assert.Equal(Errno.EOPNOTSUPP, Allocate(host, device, new VmxTdpMetadata(known with { Level = 6 })));
        Assert.Equal(Errno.None, Allocate(host, device, new VmxTdpMetadata(known)));
    }

    [Fact]
    public void Entries_with_a_bit_that_the_unit_reserves_are_refused_before_memory_is_asked_for()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        DmaDevice device = host.AddDevice();
        KvmExportedTdpMetaVmx metadata = ((VmxTdpMetadata)host.Fd.GetMetadata()!).Value;
        metadata.SetRsvdBitsMask(1, 4, 0);

        // The HWPT's own object is allocated before the driver is asked, the domain after.
        host.Machine.Allocations.FailNext(2);
        Assert.Equal(Errno.EOPNOTSUPP, Allocate(host, device, new VmxTdpMetadata(metadata)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Memory_that_runs_out_leaves_nothing_behind(int allocation)
    {
        ImportingHost host = CreateHost("strict", isStrict: true);
        DmaDevice device = host.AddDevice();
        int tables = host.Machine.Memory.TableCount;

        host.Machine.Allocations.FailNext(allocation);
        Assert.Equal(Errno.ENOMEM, Allocate(host, device));

        Assert.Equal((1, tables), (host.Fd.References, host.Machine.Memory.TableCount));
        host.Attach(device);
    }

    [Theory]
    [InlineData(Serving.Separate)]
    [InlineData(Serving.Mirrored)]
    public void An_own_table_that_gets_no_memory_leaves_nothing_behind(Serving serving)
    {
        for (int allocation = 1; allocation <= 3; allocation++)
        {
            ImportingHost host = ImportingHost.Create(SharingMode.AsPosted, new VmSettings { Serving = serving });
            DmaDevice device = host.AddDevice();
            int tables = host.Machine.Memory.TableCount;

            host.Machine.Allocations.FailNext(allocation);
            Assert.Equal(Errno.ENOMEM, Allocate(host, device));

            Assert.Equal((1, tables), (host.Fd.References, host.Machine.Memory.TableCount));
        }
    }

    [Fact]
    public void A_device_of_another_machine_is_a_mistake_of_the_caller()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        DmaDevice elsewhere = ImportingHost.Create(SharingMode.AsPosted).AddDevice();

        Assert.Throws<ArgumentException>(() => Allocate(host, elsewhere));
    }

    private static ImportingHost CreateHost(string variant, bool isStrict) =>
        ImportingHost.Create(isStrict ? SharingMode.Strict : SharingMode.AsPosted, variant: variant);

    private static Errno Allocate(ImportingHost host, DmaDevice device, bool isNestParent = false) =>
        KvmHwpt.Allocate(host.Fd, device, host.Vm.Mm, isNestParent, out _);

    /// <summary>Allocates for an export that tells something else of its table.</summary>
    private static Errno Allocate(ImportingHost host, DmaDevice device, IExportedTdpMetadata? metadata)
    {
        var fd = new TdpFd(new ExportedTdp(host.Vm, 0) { Metadata = metadata }, host.Machine);
        Assert.True(fd.TryGet());
        return KvmHwpt.Allocate(fd, device, host.Vm.Mm, isNestParent: false, out _);
    }

    private sealed class OtherVendorsMetadata : IExportedTdpMetadata
    {
        public uint Type => (uint)KvmTdpType.Ept;

        public int SizeInBytes => 0;

        public void Write(Span<byte> destination)
        {
        }
    }
}

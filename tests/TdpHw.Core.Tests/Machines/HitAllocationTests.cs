using TdpHw.Core.Iommu;
using TdpHw.Core.Machines;
using TdpHw.Core.Tests.Iommu;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Machines;

/// <summary>What nearly every access of a long run is costs no memory.</summary>
public sealed class HitAllocationTests
{
    private const int Rounds = 3;
    private const int Accesses = 100;
    private const ulong Address = 0x1000;

    [Fact]
    public void A_hit_of_a_vcpus_TLB_allocates_nothing()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.Strict, variant: "strict");
        host.Touch(Address);

        Assert.Equal(0, BytesOf(() => host.VCpu.Access(new(Address), Access.Write)));
        Assert.Equal(1, host.Machine.Counters.CpuFaults);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hit_of_a_devices_TLB_or_of_its_units_allocates_nothing(bool hasAts)
    {
        ImportingHost host = ImportingHost.Create(SharingMode.Strict, variant: "strict");
        host.Touch(Address);
        DmaDevice device = host.AddDevice(settings: new DmaDeviceSettings());
        host.Attach(device);
        device.SetAts(hasAts);
        Assert.Equal(DmaOutcome.Done, device.Dma(new(Address), isWrite: true).Outcome);

        Assert.Equal(0, BytesOf(() => device.Dma(new(Address), isWrite: true)));
        MachineCounters counters = host.Machine.Counters;
        Assert.Equal(Rounds * Accesses, hasAts ? counters.DeviceTlbHits : counters.IotlbHits);
    }

    /// <summary>The least that a round allocates: what each needs is in all, what compilation and caches need only in some.</summary>
    private static long BytesOf(Action access)
    {
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Accesses; i++)
            {
                access();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}

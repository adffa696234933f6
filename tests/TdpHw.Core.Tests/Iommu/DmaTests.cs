using TdpHw.Core.Iommu;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Iommu;

public sealed class DmaTests
{
    [Fact]
    public void A_page_that_nobody_touched_takes_one_page_request_and_then_none()
    {
        ImportingHost host = ImportingHost.Create(SharingMode.AsPosted);
        DmaDevice device = host.AddDevice();
        host.Attach(device);

        DmaAnswer first = device.Dma(new(0x1234_5678), isWrite: true);
        DmaAnswer second = device.Dma(new(0x1234_5ff8), isWrite: false);

        Assert.Equal((DmaOutcome.Done, 1, false), (first.Outcome, first.PageRequests, first.IsStale));
        Assert.Equal((DmaOutcome.Done, 0, false), (second.Outcome, second.PageRequests, second.IsStale));
        Assert.Equal(first.Output.Value - 0x678 + 0xff8, second.Output.Value);
        Assert.Equal(first.Output, host.Touch(0x1234_5678));
        Assert.Equal((1, 1, 0), (host.Machine.Counters.PageRequests, host.Machine.Counters.IoFaults, host.Machine.Counters.CpuFaults));
        Assert.Equal(1, host.Machine.Counters.DeviceTlbHits);
    }
}

using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>What came of a device's access.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Output">Where it went, when it was done; of an interrupt message its own address.</param>
/// <param name="Reason">Why the unit refused the last try; none when it did not.</param>
/// <param name="PageRequests">How many page requests the device sent for it.</param>
/// <param name="IsStale">Whether a translation was used on the way that the tables no longer held.</param>
/// <param name="IsInterrupt">Whether it was an interrupt message, which no table translates.</param>
public readonly record struct DmaAnswer(
    DmaOutcome Outcome,
    HostPhysicalAddress Output,
    VtdFaultReason Reason,
    int PageRequests,
    bool IsStale,
    bool IsInterrupt);

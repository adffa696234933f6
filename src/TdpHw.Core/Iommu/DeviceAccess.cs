using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>What a VT-d unit does with one request of a device.</summary>
/// <param name="Device">What the tables say of the device.</param>
/// <param name="Reason">Why the unit refuses the request; <see cref="VtdFaultReason.None"/> when it lets it pass.</param>
/// <param name="Walk">The walk of the second stage, when there was one.</param>
/// <param name="Output">Where the request goes, when it passes.</param>
/// <param name="IsInterrupt">Whether the request is an interrupt message, which no table translates.</param>
public sealed record DeviceAccess(
    VtdDevice Device, VtdFaultReason Reason, WalkResult? Walk, HostPhysicalAddress Output, bool IsInterrupt)
{
    /// <summary>Whether the request passes.</summary>
    public bool IsAllowed => Reason == VtdFaultReason.None;
}

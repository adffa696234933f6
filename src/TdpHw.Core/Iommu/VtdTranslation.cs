using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>What a unit answers to one request of a device.</summary>
/// <param name="Reason">Why it refuses; none when it lets the request pass.</param>
/// <param name="Output">Where the request goes, when it passes.</param>
/// <param name="Page">The translation, when there was one.</param>
/// <param name="IsInterrupt">Whether the request is an interrupt message, which no table translates.</param>
/// <param name="IsRecoverable">Whether the device may ask for the page and try again.</param>
/// <param name="IsStale">Whether the unit used what the tables no longer held.</param>
internal readonly record struct VtdTranslation(
    VtdFaultReason Reason,
    HostPhysicalAddress Output = default,
    CachedTranslation? Page = null,
    bool IsInterrupt = false,
    bool IsRecoverable = false,
    bool IsStale = false)
{
    /// <summary>Whether the request passes.</summary>
    public bool IsAllowed => Reason == VtdFaultReason.None;
}

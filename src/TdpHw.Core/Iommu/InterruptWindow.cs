using System.Collections.Immutable;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>The addresses that are interrupt messages. (Intel VT-d Architecture Specification, 3.14.)</summary>
internal static class InterruptWindow
{
    private static readonly ImmutableArray<AddressWindow> Bypassed =
        [.. VtdSecondStage.Description.Windows.Where(w => w.IsInputBypassed)];

    private static readonly ImmutableArray<AddressWindow> Blocked =
        [.. VtdSecondStage.Description.Windows.Where(w => w.IsOutputBlocked)];

    /// <summary>Whether a request without PASID to this address is a message, which no table translates.</summary>
    public static bool IsMessage(InputAddress address) => Contains(Bypassed, address.Value);

    /// <summary>Whether a translation must not lead there.</summary>
    public static bool IsBlocked(HostPhysicalAddress address) => Contains(Blocked, address.Value);

    private static bool Contains(ImmutableArray<AddressWindow> windows, ulong address)
    {
        foreach (AddressWindow window in windows)
        {
            if (window.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace TdpHw.Core.Iommu;

/// <summary>A line in which a Linux kernel reports a DMA fault of a VT-d unit.</summary>
/// <param name="Device">The device whose request was refused.</param>
/// <param name="IsWrite">Whether it was a write.</param>
/// <param name="Pasid">The PASID that the request carried, or null.</param>
/// <param name="Address">The address of the request, in bytes.</param>
/// <param name="Reason">The unit's fault reason.</param>
public sealed partial record DmarFaultLine(DeviceAddress Device, bool IsWrite, int? Pasid, ulong Address, VtdFaultReason Reason)
{
    // What kernels that always write a PASID write for a request without one. (Linux include/linux/iommu.h, IOMMU_PASID_INVALID.)
    private const uint NoPasid = uint.MaxValue;

    /// <summary>
    /// Reads such a line, with or without what <c>dmesg</c> puts before it; the reason may stand on the line or, broken by a
    /// mail program, behind a line break.
    /// </summary>
    /// <param name="text">The line.</param>
    /// <param name="line">The fault.</param>
    /// <returns>Whether the text holds a fault line.</returns>
    public static bool TryParse(string text, out DmarFaultLine? line)
    {
        line = null;
        Match match = Pattern().Match(text);
        if (!match.Success
            || !DeviceAddress.TryParse(match.Groups["device"].Value, out DeviceAddress device)
            || !ulong.TryParse(match.Groups["address"].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address)
            || !TryReason(match.Groups["reason"].Value, out int reason))
        {
            return false;
        }

        int? pasid = null;
        if (match.Groups["pasid"].Success)
        {
            uint number = uint.Parse(match.Groups["pasid"].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (number is > DmaDeviceSettings.MaxPasid and not NoPasid)
            {
                return false;
            }

            pasid = number == NoPasid ? null : (int)number;
        }

        line = new DmarFaultLine(device, match.Groups["kind"].Value == "Write", pasid, address, (VtdFaultReason)reason);
        return true;
    }

    /// <summary>Reasons are written in hexadecimal; kernels before 5.13 wrote two decimal digits without a prefix.</summary>
    private static bool TryReason(string text, out int reason) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out reason)
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out reason);

    // Two generations of kernels: "[DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x0 [fault reason 0x05]" and
    // "[DMA Write] Request device [00:1a.0] PASID ffffffff fault addr 0 [fault reason 05]".
    [GeneratedRegex(
        @"\[DMA (?<kind>Write|Read)(?: NO_PASID| PASID (?:0x)?(?<pasid>[0-9a-fA-F]{1,8}))?\]\s+Request device\s+\[(?:0x)?(?<device>[0-9a-fA-F:.]+)\]\s+(?:PASID (?<pasid>[0-9a-fA-F]{1,8})\s+)?fault addr\s+(?:0x)?(?<address>[0-9a-fA-F]{1,16})\s+\[fault reason\s+(?<reason>(?:0x)?[0-9a-fA-F]{1,3})\]",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}

using System.Globalization;

namespace TdpHw.Core.Iommu;

/// <summary>A PCI device function: bus, device and function, the source id of its requests.</summary>
/// <param name="Bus">The bus, 0 to 255.</param>
/// <param name="Function">Device and function: device × 8 + function.</param>
public readonly record struct DeviceAddress(byte Bus, byte Function) : IComparable<DeviceAddress>
{
    /// <summary>
    /// Reads <c>bus:device.function</c> in hexadecimal, as <c>lspci</c> writes it; a leading segment <c>0000:</c> is allowed,
    /// since a remapping unit serves one segment.
    /// </summary>
    /// <returns>Whether the text is such an address.</returns>
    public static bool TryParse(string? text, out DeviceAddress address)
    {
        address = default;
        string[] parts = (text ?? "").Split(':');
        string[] last = parts[^1].Split('.');
        if (parts.Length is < 2 or > 3 || last.Length != 2 || last[1].Length != 1
            || (parts.Length == 3 && (parts[0].Length != 4 || !TryHex(parts[0], 0xffff, out _)))
            || !TryHex(parts[^2], 0xff, out int bus)
            || !TryHex(last[0], 0x1f, out int device)
            || !TryHex(last[1], 7, out int function))
        {
            return false;
        }

        address = new DeviceAddress((byte)bus, (byte)(device << 3 | function));
        return true;
    }

    /// <summary>Orders by bus, then by device and function.</summary>
    public int CompareTo(DeviceAddress other) => (Bus << 8 | Function).CompareTo(other.Bus << 8 | other.Function);

    /// <summary>The address as <c>lspci</c> writes it: <c>00:1f.2</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Bus:x2}:{Function >> 3:x2}.{Function & 7}");

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(DeviceAddress left, DeviceAddress right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(DeviceAddress left, DeviceAddress right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> does not come after <paramref name="right"/>.</summary>
    public static bool operator <=(DeviceAddress left, DeviceAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> does not come before <paramref name="right"/>.</summary>
    public static bool operator >=(DeviceAddress left, DeviceAddress right) => left.CompareTo(right) >= 0;

    private static bool TryHex(string text, int maximum, out int value) =>
        int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        && text.Length is > 0 and <= 4 && value <= maximum;
}

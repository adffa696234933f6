using System.Globalization;

namespace TdpHw.Formats;

/// <summary>
/// A host physical address (HPA) in bytes: where a table, an entry or a mapped page lies in the machine's memory.
/// It is a type of its own so that it can't be passed where an address to translate is meant.
/// </summary>
/// <param name="Value">The byte address. Any 64-bit value is representable; the format judges its width.</param>
public readonly record struct HostPhysicalAddress(ulong Value) : IComparable<HostPhysicalAddress>
{
    /// <summary>Orders by address.</summary>
    public int CompareTo(HostPhysicalAddress other) => Value.CompareTo(other.Value);

    /// <summary>The address in lower-case hexadecimal with <c>0x</c>, without leading zeros.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");

    /// <summary>True when <paramref name="left"/> is below <paramref name="right"/>.</summary>
    public static bool operator <(HostPhysicalAddress left, HostPhysicalAddress right) => left.Value < right.Value;

    /// <summary>True when <paramref name="left"/> is above <paramref name="right"/>.</summary>
    public static bool operator >(HostPhysicalAddress left, HostPhysicalAddress right) => left.Value > right.Value;

    /// <summary>True when <paramref name="left"/> is not above <paramref name="right"/>.</summary>
    public static bool operator <=(HostPhysicalAddress left, HostPhysicalAddress right) => left.Value <= right.Value;

    /// <summary>True when <paramref name="left"/> is not below <paramref name="right"/>.</summary>
    public static bool operator >=(HostPhysicalAddress left, HostPhysicalAddress right) => left.Value >= right.Value;
}

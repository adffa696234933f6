using System.Globalization;

namespace TdpHw.Formats;

/// <summary>
/// An address that a page table translates, in bytes: a guest-physical address (GPA) where a hypervisor made the table,
/// an I/O virtual address (IOVA) where a device uses it. It is a type of its own so that it can't be passed where a place
/// in the machine's memory is meant.
/// </summary>
/// <param name="Value">The byte address. Any 64-bit value is representable; a walk rejects what its root does not cover.</param>
public readonly record struct InputAddress(ulong Value) : IComparable<InputAddress>
{
    /// <summary>Orders by address.</summary>
    public int CompareTo(InputAddress other) => Value.CompareTo(other.Value);

    /// <summary>The address in lower-case hexadecimal with <c>0x</c>, without leading zeros.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");

    /// <summary>True when <paramref name="left"/> is below <paramref name="right"/>.</summary>
    public static bool operator <(InputAddress left, InputAddress right) => left.Value < right.Value;

    /// <summary>True when <paramref name="left"/> is above <paramref name="right"/>.</summary>
    public static bool operator >(InputAddress left, InputAddress right) => left.Value > right.Value;

    /// <summary>True when <paramref name="left"/> is not above <paramref name="right"/>.</summary>
    public static bool operator <=(InputAddress left, InputAddress right) => left.Value <= right.Value;

    /// <summary>True when <paramref name="left"/> is not below <paramref name="right"/>.</summary>
    public static bool operator >=(InputAddress left, InputAddress right) => left.Value >= right.Value;
}

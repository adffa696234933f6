using System.Globalization;

namespace TdpHw.Formats;

/// <summary>Bits <paramref name="High"/> down to <paramref name="Low"/> of a word, both included.</summary>
/// <param name="High">The highest bit.</param>
/// <param name="Low">The lowest bit.</param>
public readonly record struct BitRange(int High, int Low)
{
    /// <summary>How many bits there are.</summary>
    public int Width => High - Low + 1;

    /// <summary>The bits, set.</summary>
    public ulong Mask => (ulong.MaxValue >> (63 - High)) & (ulong.MaxValue << Low);

    /// <summary>The range as manuals write it: <c>51:12</c>, or <c>7</c> for one bit.</summary>
    public override string ToString() => High == Low
        ? High.ToString(CultureInfo.InvariantCulture)
        : $"{High.ToString(CultureInfo.InvariantCulture)}:{Low.ToString(CultureInfo.InvariantCulture)}";
}

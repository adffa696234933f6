using TdpHw.Generators.Model;

namespace TdpHw.Mutation.Tests.Evaluation;

/// <summary>How the bits of a field are read.</summary>
internal static class BitSpanExtensions
{
    /// <summary>The value at the bits of one word, the first range highest.</summary>
    public static ulong Extract(this IEnumerable<BitSpan> bits, ulong word)
    {
        ulong value = 0;
        foreach (BitSpan span in bits)
        {
            value = span.Width == 64 ? word : value << span.Width | (word & span.Mask) >> span.Low;
        }

        return value;
    }

    /// <summary>Each bit by number, in the order of the ranges, highest first within one.</summary>
    public static IEnumerable<int> Each(this IEnumerable<BitSpan> bits) =>
        bits.SelectMany(b => Enumerable.Range(b.Low, b.Width).Reverse());
}

using System.Collections.Immutable;
using System.Numerics;
using TdpHw.Formats;

namespace TdpHw.Cli.Output;

/// <summary>Sets of bits as manuals write them.</summary>
internal static class BitText
{
    /// <summary>The ranges of set bits, the highest first: <c>51:46, 7</c>.</summary>
    public static string Of(ulong mask)
    {
        List<string> ranges = [];
        while (mask != 0)
        {
            int high = 63 - BitOperations.LeadingZeroCount(mask);
            int width = BitOperations.LeadingZeroCount(~(mask << (63 - high)));
            var range = new BitRange(high, high - width + 1);
            ranges.Add(range.ToString());
            mask &= ~range.Mask;
        }

        return string.Join(", ", ranges);
    }

    /// <summary>The ranges, as <c>bit 7</c> or <c>bits 51:46, 7</c>.</summary>
    public static string Named(ulong mask) => $"{(ulong.IsPow2(mask) ? "bit" : "bits")} {Of(mask)}";

    /// <summary>The ranges, in the order given.</summary>
    public static string Of(ImmutableArray<BitRange> ranges)
    {
        var texts = new string[ranges.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = ranges[i].ToString();
        }

        return string.Join(", ", texts);
    }

    /// <summary>All bits of the ranges, set.</summary>
    public static ulong MaskOf(IEnumerable<BitRange> ranges) => ranges.Aggregate(0ul, (mask, range) => mask | range.Mask);
}

namespace TdpHw.Generators.Model;

/// <summary>Lists of bits, the first range highest.</summary>
internal static class BitSpans
{
    /// <summary>All of the bits, set.</summary>
    public static ulong Mask(this IEnumerable<BitSpan> bits) => bits.Aggregate(0ul, (mask, span) => mask | span.Mask);

    /// <summary>How many bits there are.</summary>
    public static int Width(this IEnumerable<BitSpan> bits) => bits.Sum(b => b.Width);

    /// <summary>The largest number that the bits hold.</summary>
    public static ulong Largest(this IEnumerable<BitSpan> bits) => bits.Width() switch
    {
        0 => 0,
        int width => ulong.MaxValue >> (64 - width),
    };

    /// <summary>The bits that lie in a 64-bit word, counted from its lowest one.</summary>
    public static IEnumerable<BitSpan> InWord(this IEnumerable<BitSpan> bits, int word) => bits
        .Where(b => b.High >= word * 64 && b.Low < (word + 1) * 64)
        .Select(b => new BitSpan(Math.Min(63, b.High - (word * 64)), Math.Max(0, b.Low - (word * 64))));

    /// <summary><paramref name="value"/> at the places of the bits.</summary>
    public static ulong Deposit(this IEnumerable<BitSpan> bits, ulong value)
    {
        ulong word = 0;
        int rest = bits.Width();
        foreach (BitSpan span in bits)
        {
            rest -= span.Width;
            word |= (value >> rest << span.Low) & span.Mask;
        }

        return word;
    }

    /// <summary>The bits as manuals list them: <c>63, 61:52, 10</c>.</summary>
    public static string Format(this IEnumerable<BitSpan> bits) => string.Join(", ", bits);

    /// <summary>The set bits of <paramref name="mask"/> as ranges, highest first.</summary>
    public static IEnumerable<BitSpan> FromMask(ulong mask)
    {
        for (int high = 63; high >= 0; high--)
        {
            if ((mask >> high & 1) == 0)
            {
                continue;
            }

            int low = high;
            while (low > 0 && (mask >> (low - 1) & 1) != 0)
            {
                low--;
            }

            yield return new BitSpan(high, low);
            high = low;
        }
    }

    /// <summary>"Bit 7" or "Bits 10, 6:3".</summary>
    public static string Sentence(ulong mask)
    {
        BitSpan[] spans = [.. FromMask(mask)];
        return (spans.Length == 1 && spans[0].Width == 1 ? "Bit " : "Bits ") + spans.Format();
    }
}

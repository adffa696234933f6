using System.Numerics;
using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>A bit for each of 512 entries, the bit of entry 0 lowest.</summary>
[InlineArray(WordCount)]
public struct EntryBitmap
{
    /// <summary>How many 64-bit words there are.</summary>
    public const int WordCount = 8;

    private ulong _first;

    /// <summary>How many bits are set.</summary>
    public readonly int Count()
    {
        int count = 0;
        foreach (ulong word in this)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }
}

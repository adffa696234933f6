using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TdpHw.Formats;

/// <summary>Finds how far entries go on as expected, many of them at a time.</summary>
internal static class EntryRun
{
    // Vectors whose differences are gathered before they are looked at.
    private const int Unrolled = 4;

    // Entries between two looks at what is to be fetched.
    private const int PartSize = 64;

    /// <summary>Counts the entries from the first on that look as a run has to.</summary>
    /// <param name="entries">The entries; each is read once.</param>
    /// <param name="pattern">What they have to look like.</param>
    /// <param name="upcoming">What is fetched meanwhile.</param>
    public static int Count(ReadOnlySpan<ulong> entries, in EntryPattern pattern, ref UpcomingTables upcoming)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Count<EntryLanes512>(entries, pattern, ref upcoming);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            return Count<EntryLanes256>(entries, pattern, ref upcoming);
        }

        return Vector128.IsHardwareAccelerated
            ? Count<EntryLanes128>(entries, pattern, ref upcoming)
            : Count<EntryLanes64>(entries, pattern, ref upcoming);
    }

    /// <summary>The same with a width that the caller chooses.</summary>
    internal static int Count<TLanes>(
        ReadOnlySpan<ulong> entries, in EntryPattern pattern, ref UpcomingTables upcoming)
        where TLanes : struct, IEntryLanes<TLanes>
    {
        ref ulong first = ref MemoryMarshal.GetReference(entries);
        TLanes mask = TLanes.All(pattern.Mask);
        TLanes stopMask = TLanes.All(pattern.StopMask);
        TLanes stopValue = TLanes.All(pattern.StopValue);
        TLanes wanted = TLanes.Ramp(pattern.First, pattern.Step);
        TLanes advance = TLanes.All(pattern.Step * (ulong)TLanes.Count);
        int index = 0;
        bool isAlike = true;
        while (isAlike && index <= entries.Length - (Unrolled * TLanes.Count))
        {
            // A part at a time, because a call in the innermost loop would take the vectors out of their registers.
            int end = Math.Min(index + PartSize, entries.Length);
            upcoming.Pass(end - index);
            for (; index <= end - (Unrolled * TLanes.Count); index += Unrolled * TLanes.Count)
            {
                TLanes second = wanted + advance;
                TLanes third = second + advance;
                TLanes fourth = third + advance;
                ref ulong next = ref Unsafe.Add(ref first, index);
                TLanes difference = Differ(TLanes.Load(ref next), mask, wanted, stopMask, stopValue)
                    | Differ(TLanes.Load(ref Unsafe.Add(ref next, TLanes.Count)), mask, second, stopMask, stopValue)
                    | Differ(TLanes.Load(ref Unsafe.Add(ref next, 2 * TLanes.Count)), mask, third, stopMask, stopValue)
                    | Differ(TLanes.Load(ref Unsafe.Add(ref next, 3 * TLanes.Count)), mask, fourth, stopMask, stopValue);
                if (!TLanes.IsZero(difference))
                {
                    isAlike = false;
                    break;
                }

                wanted = fourth + advance;
            }
        }

        ulong all = ulong.MaxValue >> (64 - TLanes.Count);
        for (; index <= entries.Length - TLanes.Count; index += TLanes.Count)
        {
            TLanes difference = Differ(TLanes.Load(ref Unsafe.Add(ref first, index)), mask, wanted, stopMask, stopValue);
            ulong same = TLanes.HighestBits(TLanes.WhereEqual(difference, TLanes.All(0)));
            if (same != all)
            {
                return index + BitOperations.TrailingZeroCount(~same);
            }

            wanted += advance;
        }

        while (index < entries.Length && pattern.Matches(Unsafe.Add(ref first, index), index))
        {
            index++;
        }

        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Differ<TLanes>(TLanes entry, TLanes mask, TLanes wanted, TLanes stopMask, TLanes stopValue)
        where TLanes : struct, IEntryLanes<TLanes> =>
        ((entry & mask) ^ wanted) | TLanes.WhereEqual(entry & stopMask, stopValue);
}

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
    /// <param name="entries">The entries.</param>
    /// <param name="pattern">What they have to look like.</param>
    /// <param name="upcoming">What is fetched meanwhile.</param>
    public static int Count<TUpcoming>(ReadOnlySpan<ulong> entries, in EntryPattern pattern, ref TUpcoming upcoming)
        where TUpcoming : struct, IUpcoming
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return CountBy<EntryLanes512, TUpcoming>(entries, in pattern, ref upcoming);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            return CountBy<EntryLanes256, TUpcoming>(entries, in pattern, ref upcoming);
        }

        return Vector128.IsHardwareAccelerated
            ? CountBy<EntryLanes128, TUpcoming>(entries, in pattern, ref upcoming)
            : CountBy<EntryLanes64, TUpcoming>(entries, in pattern, ref upcoming);
    }

    /// <summary>The same with a width that the caller chooses.</summary>
    internal static int CountBy<TLanes, TUpcoming>(ReadOnlySpan<ulong> entries, in EntryPattern pattern, ref TUpcoming upcoming)
        where TLanes : struct, IEntryLanes<TLanes>
        where TUpcoming : struct, IUpcoming => pattern.StopMask == 0
            ? CountBy<TLanes, TUpcoming, Never>(entries, in pattern, ref upcoming)
            : CountBy<TLanes, TUpcoming, Somewhere>(entries, in pattern, ref upcoming);

    private static int CountBy<TLanes, TUpcoming, TStops>(
        ReadOnlySpan<ulong> entries, in EntryPattern pattern, ref TUpcoming upcoming)
        where TLanes : struct, IEntryLanes<TLanes>
        where TUpcoming : struct, IUpcoming
        where TStops : struct, IStops
    {
        ref ulong first = ref MemoryMarshal.GetReference(entries);
        TLanes mask = TLanes.All(pattern.Mask);
        TLanes stopMask = TLanes.All(pattern.StopMask);
        TLanes stopValue = TLanes.All(pattern.StopValue);
        TLanes wanted = TLanes.Ramp(pattern.First, pattern.Step);
        TLanes advance = TLanes.All(pattern.Step * (ulong)TLanes.Count);
        int index = 0;
        while (index <= entries.Length - (Unrolled * TLanes.Count))
        {
            int end = Math.Min(index + PartSize, entries.Length);
            upcoming.Pass(in Unsafe.Add(ref first, index), end - index);
            for (; index <= end - (Unrolled * TLanes.Count); index += Unrolled * TLanes.Count)
            {
                ref ulong next = ref Unsafe.Add(ref first, index);
                TLanes difference0 = Differ<TLanes, TStops>(ref next, mask, wanted, stopMask, stopValue);
                wanted += advance;
                TLanes difference1 = Differ<TLanes, TStops>(ref Unsafe.Add(ref next, TLanes.Count), mask, wanted, stopMask, stopValue);
                wanted += advance;
                TLanes difference2 = Differ<TLanes, TStops>(ref Unsafe.Add(ref next, 2 * TLanes.Count), mask, wanted, stopMask, stopValue);
                wanted += advance;
                TLanes difference3 = Differ<TLanes, TStops>(ref Unsafe.Add(ref next, 3 * TLanes.Count), mask, wanted, stopMask, stopValue);
                wanted += advance;
                if (!TLanes.IsZero(difference0 | difference1 | difference2 | difference3))
                {
                    ulong alike = Alike(difference0)
                        | Alike(difference1) << TLanes.Count
                        | Alike(difference2) << (2 * TLanes.Count)
                        | Alike(difference3) << (3 * TLanes.Count);
                    return index + BitOperations.TrailingZeroCount(~alike);
                }
            }
        }

        for (; index <= entries.Length - TLanes.Count; index += TLanes.Count)
        {
            ulong alike = Alike(Differ<TLanes, TStops>(ref Unsafe.Add(ref first, index), mask, wanted, stopMask, stopValue));
            if (alike != ulong.MaxValue >> (64 - TLanes.Count))
            {
                return index + BitOperations.TrailingZeroCount(~alike);
            }

            wanted += advance;
        }

        if (index < entries.Length && index != 0)
        {
            // What is left is less than a vector: the last one that there is, without those of its entries that were counted.
            int last = entries.Length - TLanes.Count;
            wanted = TLanes.Ramp(pattern.First + ((ulong)last * pattern.Step), pattern.Step);
            ulong alike = Alike(Differ<TLanes, TStops>(ref Unsafe.Add(ref first, last), mask, wanted, stopMask, stopValue));
            return index + BitOperations.TrailingZeroCount(~(alike >> (index - last)));
        }

        while (index < entries.Length && pattern.Matches(Unsafe.Add(ref first, index), index))
        {
            index++;
        }

        return index;
    }

    /// <summary>The bits in which entries are not as they have to be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Differ<TLanes, TStops>(
        ref readonly ulong entries, TLanes mask, TLanes wanted, TLanes stopMask, TLanes stopValue)
        where TLanes : struct, IEntryLanes<TLanes>
        where TStops : struct, IStops
    {
        TLanes entry = TLanes.Load(in entries);
        TLanes difference = (entry & mask) ^ wanted;
        return TStops.Any ? difference | TLanes.WhereEqual(entry & stopMask, stopValue) : difference;
    }

    /// <summary>A bit for each entry that is as it has to be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Alike<TLanes>(TLanes difference)
        where TLanes : struct, IEntryLanes<TLanes> =>
        TLanes.HighestBits(TLanes.WhereEqual(difference, TLanes.All(0)));

    /// <summary>Whether some entries end a run by what they hold: code of its own for those that have none, which are most.</summary>
    private interface IStops
    {
        static abstract bool Any { get; }
    }

    private readonly struct Never : IStops
    {
        public static bool Any => false;
    }

    private readonly struct Somewhere : IStops
    {
        public static bool Any => true;
    }
}

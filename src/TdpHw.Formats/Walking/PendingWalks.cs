using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// Walks that are on their way down side by side, each with the next entry that it needs. Each column lies in a row, so that what
/// is done to all of them is done to four at a time.
/// </summary>
internal ref struct PendingWalks
{
    /// <summary>
    /// At most so many: enough for the reads of one level to hide the wait for each other, and few enough to stay in a first-level
    /// cache.
    /// </summary>
    public const int Capacity = 512;

    /// <summary>How many walks there are.</summary>
    public int Count;

    /// <summary>An address of each: the only one, or the first of a run.</summary>
    public readonly ref ulong Addresses;

    /// <summary>Where its next entry lies.</summary>
    public readonly ref ulong EntryAddresses;

    /// <summary>That entry, once it is read.</summary>
    public readonly ref ulong Entries;

    /// <summary>Where among all addresses its own, or the first of the run, is.</summary>
    public readonly ref int Places;

    /// <summary>How many addresses it is for: 1, or those of a run.</summary>
    public readonly ref int Lengths;

    /// <summary>The rights along its path so far.</summary>
    public readonly ref Rights Rights;

    /// <summary>No walks yet, with room for <see cref="Capacity"/> in each column.</summary>
    public PendingWalks(
        Span<ulong> addresses, Span<ulong> entryAddresses, Span<ulong> entries, Span<int> places, Span<int> lengths, Span<Rights> rights)
    {
        Addresses = ref addresses[0];
        EntryAddresses = ref entryAddresses[0];
        Entries = ref entries[0];
        Places = ref places[0];
        Lengths = ref lengths[0];
        Rights = ref rights[0];
    }

    /// <summary>Moves what stays the same of a walk on its way down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Move(int from, int to)
    {
        Unsafe.Add(ref Addresses, to) = Unsafe.Add(ref Addresses, from);
        Unsafe.Add(ref Places, to) = Unsafe.Add(ref Places, from);
        Unsafe.Add(ref Lengths, to) = Unsafe.Add(ref Lengths, from);
    }

    /// <summary>Swaps what stays the same of two walks for one address each.</summary>
    public readonly void Swap(int one, int other)
    {
        (Unsafe.Add(ref Addresses, one), Unsafe.Add(ref Addresses, other)) =
            (Unsafe.Add(ref Addresses, other), Unsafe.Add(ref Addresses, one));
        (Unsafe.Add(ref Places, one), Unsafe.Add(ref Places, other)) =
            (Unsafe.Add(ref Places, other), Unsafe.Add(ref Places, one));
    }

    /// <summary>The same rights four times, a byte each.</summary>
    public static uint Four(Rights rights) => (uint)rights * 0x0101_0101;

    /// <summary>The rights of four walks, a byte each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref uint RightsOfFour(int walk) => ref Unsafe.As<Rights, uint>(ref Unsafe.Add(ref Rights, walk));
}

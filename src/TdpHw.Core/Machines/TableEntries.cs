using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TdpHw.Formats;

namespace TdpHw.Core.Machines;

/// <summary>
/// The entries of one table, for who keeps it at hand or changes many of them: found in memory once. Each is read by one load and
/// changed by one store, one exchange or one compare-exchange, and each of these is a step.
/// </summary>
internal readonly struct TableEntries
{
    private readonly HostMemory _memory;
    private readonly ulong[] _entries;
    private readonly long _address;

    /// <summary>The entries of a table.</summary>
    /// <param name="memory">The memory that it is in, which their steps concern.</param>
    /// <param name="entries">Where they are kept, with those of other tables.</param>
    /// <param name="address">Where the table lies, in bytes.</param>
    public TableEntries(HostMemory memory, ulong[] entries, HostPhysicalAddress address)
    {
        _memory = memory;
        _entries = entries;
        _address = (long)address.Value;
    }

    /// <summary>Reads an entry, once.</summary>
    public ulong Read(int index)
    {
        Before(index, writes: false);
        return Peek(index);
    }

    /// <summary>Reads an entry that nobody but the hardware can change, and of that only flags: no step that others could meet.</summary>
    public ulong Peek(int index) => Volatile.Read(ref _entries[First + index]);

    /// <summary>Writes an entry of a table that nothing leads to yet: no step that others could meet.</summary>
    public void Prepare(int index, ulong entry) => Volatile.Write(ref _entries[First + index], entry);

    /// <summary>Writes an entry with one store.</summary>
    public void Write(int index, ulong entry)
    {
        Before(index, writes: true);
        Volatile.Write(ref _entries[First + index], entry);
    }

    /// <summary>Puts an entry in place of whatever is there, with the flags that the hardware may set at the same time.</summary>
    /// <returns>What was there.</returns>
    public ulong Exchange(int index, ulong entry)
    {
        Before(index, writes: true);
        return Interlocked.Exchange(ref _entries[First + index], entry);
    }

    /// <summary>Changes an entry if it still is what it was read as.</summary>
    public bool TryChange(int index, ulong expected, ulong changed)
    {
        Before(index, writes: true);
        return Interlocked.CompareExchange(ref _entries[First + index], changed, expected) == expected;
    }

    /// <summary>Puts entries in place of zeros, by a compare-exchange each, up to the first that is none.</summary>
    /// <param name="from">The first entry to fill.</param>
    /// <param name="count">How many to fill.</param>
    /// <param name="entry">What the first one becomes.</param>
    /// <param name="step">What each one is greater by than the one before.</param>
    /// <returns>How many were filled.</returns>
    public int Fill(int from, int count, ulong entry, ulong step)
    {
        (HostMemory memory, Interleaving? interleaving, long part) = (_memory, _memory.Interleaving, PartOf(from));
        Span<ulong> slots = _entries.AsSpan(First + from, count);
        int filled = 0;
        for (; filled < slots.Length; filled++)
        {
            interleaving?.Before(memory, part + ((long)filled * sizeof(ulong)), writes: true);
            if (Interlocked.CompareExchange(ref slots[filled], entry, 0) != 0)
            {
                break;
            }

            entry += step;
        }

        return filled;
    }

    /// <summary>Writes zeros in place of what is none, by a store each. Nobody but the hardware can change these entries.</summary>
    /// <param name="from">The first entry to clear.</param>
    /// <param name="to">The last one.</param>
    /// <param name="first">The first that was not zero, if any.</param>
    /// <param name="last">The last that was not zero, if any.</param>
    /// <returns>How many were not zero.</returns>
    public int Clear(int from, int to, out int first, out int last)
    {
        // What loads of several at once see of entries that the hardware sets flags in is that they are not zero, before and after.
        Span<ulong> slots = _entries.AsSpan(First + from, to - from + 1);
        int start = slots.IndexOfAnyExcept(0ul);
        if (start < 0)
        {
            (first, last) = (from, from);
            return 0;
        }

        slots = slots[start..(slots.LastIndexOfAnyExcept(0ul) + 1)];
        first = from + start;
        last = first + slots.Length - 1;
        if (_memory.Interleaving is null)
        {
            return ClearUnstepped(slots);
        }

        int cleared = slots.Length - slots.Count(0ul);
        for (int index = first; index <= last; index++)
        {
            Write(index, 0);
        }

        return cleared;
    }

    /// <summary>Whether all entries before <paramref name="from"/> and after <paramref name="to"/> are zero, while nobody fills any.</summary>
    public bool IsEmptyOutside(int from, int to)
    {
        // As for clearing: loads of many at once see zeros where zeros are.
        ReadOnlySpan<ulong> all = _entries.AsSpan(First, HostMemory.EntriesPerPage);
        return !all[(to + 1)..].ContainsAnyExcept(0ul) && !all[..from].ContainsAnyExcept(0ul);
    }

    /// <returns>How many were not zero.</returns>
    private static int ClearUnstepped(Span<ulong> slots)
    {
        // Stores are what takes the time: a processor compares several entries at once beside them, and turns of a loop cost more
        // than one store each would.
        int cleared = slots.Length;
        Vector128<ulong> zeros = default;
        while (slots.Length >= 4)
        {
            ref ulong slot = ref MemoryMarshal.GetReference(slots);
            zeros -= Vector128.Equals(Vector128.LoadUnsafe(ref slot), default)
                + Vector128.Equals(Vector128.LoadUnsafe(ref slot, 2), default);
            Volatile.Write(ref slots[0], 0);
            Volatile.Write(ref slots[1], 0);
            Volatile.Write(ref slots[2], 0);
            Volatile.Write(ref slots[3], 0);
            slots = slots[4..];
        }

        cleared -= (int)Vector128.Sum(zeros);
        foreach (ref ulong slot in slots)
        {
            cleared -= slot == 0 ? 1 : 0;
            Volatile.Write(ref slot, 0);
        }

        return cleared;
    }

    private int First => HostMemory.EntryIn(_address);

    private long PartOf(int index) => _address + ((long)index * sizeof(ulong));

    private void Before(int index, bool writes) => _memory.Interleaving?.Before(_memory, PartOf(index), writes);
}

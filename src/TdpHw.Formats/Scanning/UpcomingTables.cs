using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>
/// The tables that a scan goes to next, fetched from memory while it goes through those before. A processor follows a table by
/// itself, but not from one table to the next, which lies anywhere; so the next <see cref="GroupSize"/> of them are fetched side by
/// side, a line of each at a time, which keeps as many lines on their way as when one long table is read.
/// </summary>
internal struct UpcomingTables : IUpcoming
{
    private const int GroupSize = 8;

    // A group goes through as many lines as it fetches of the next one.
    private const int EntriesPerFetch = GroupSize * Lines.EntriesPerLine;

    private Addresses _tables;

    // The upper table that is gone through now, and the one behind it; 0 where that is not known.
    private ulong _parent;
    private ulong _nextParent;
    private bool _isKnown;

    // What entries of the upper table look like: of those that lead to a table the last, and of the others.
    private UsualEntry _leading;
    private UsualEntry _passedOver;

    // The entry that leads to the first table of the group, and where the next ones are; a group may begin in one upper table and
    // end in the next.
    private ulong _firstParent;
    private int _first;
    private ulong _endParent;
    private int _end;
    private int _count;
    private int _line;
    private int _due;

    /// <summary>Says which entry of an upper table leads to the table that is gone through now.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="rules">The rules of the upper table's level.</param>
    /// <param name="place">Where the upper table lies.</param>
    /// <param name="parent">Its entries. What they lead to is a guess: if one changes, something was fetched in vain.</param>
    /// <param name="index">The entry.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void GoTo<TFormat, TMemory>(
        in TMemory memory, LevelRules rules, ulong place, ReadOnlySpan<ulong> parent, int index)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        if (!_isKnown || (place != _parent && place != _firstParent))
        {
            _isKnown = true;
            _parent = place;
            _leading = UsualEntry.None;
            _passedOver = UsualEntry.None;
            _endParent = place;
            _end = index + 1;
            Gather<TFormat, TMemory>(in memory, rules, parent);
            return;
        }

        _parent = place;
        if (place == _firstParent && index >= _first)
        {
            // The first of the group that was fetched: time for the next one.
            Gather<TFormat, TMemory>(in memory, rules, parent);
        }
    }

    /// <summary>Says which upper table comes behind the one that is gone through from now on; 0 where none is known.</summary>
    public void ExpectBehind(ulong nextParent) => _nextParent = nextParent;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Pass(ref readonly ulong first, int entries)
    {
        _due -= entries;
        if (_due < 0)
        {
            Fetch();
        }
    }

    private void Gather<TFormat, TMemory>(in TMemory memory, LevelRules rules, ReadOnlySpan<ulong> parent)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        _count = 0;
        _line = 0;
        _due = EntriesPerFetch;
        _firstParent = _endParent;
        _first = int.MaxValue;
        if (_endParent == _parent)
        {
            GatherFrom<TFormat, TMemory>(in memory, rules, parent);
            if (_count == GroupSize || _nextParent == 0)
            {
                return;
            }

            // A group that begins there is the first one behind this table.
            _firstParent = _first == int.MaxValue ? _nextParent : _parent;
            _endParent = _nextParent;
            _end = 0;
        }

        if (memory.TryGetTable(new(_endParent), 1 << TFormat.IndexBits, out ReadOnlySpan<ulong> next))
        {
            GatherFrom<TFormat, TMemory>(in memory, rules, next);
        }
    }

    /// <summary>Adds tables to the group until it is full or the upper table ends.</summary>
    private unsafe void GatherFrom<TFormat, TMemory>(in TMemory memory, LevelRules rules, ReadOnlySpan<ulong> parent)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        int i = _end;
        for (; i < parent.Length && _count < GroupSize; i++)
        {
            ulong entry = Volatile.Read(in parent[i]);
            if (!_passedOver.Matches(entry)
                && (_leading.Matches(entry) || LeadsToTable(rules, entry))
                && memory.TryGetTable(
                    new(rules.TableOf(entry)), 1 << TFormat.IndexBits, out ReadOnlySpan<ulong> table))
            {
                // An address that is never read through: a collection that moves the table makes it useless, not wrong.
                _first = _count == 0 ? i : _first;
                _tables[_count++] = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(table));
            }
        }

        _end = i;
    }

    /// <summary>Judges an entry that looks like none of the last ones.</summary>
    private bool LeadsToTable(LevelRules rules, ulong entry)
    {
        EntryVerdict verdict = rules.Judge(entry);
        if ((entry & verdict.Reserved) != 0 || verdict.Kind == EntryKind.IllegalEncoding)
        {
            return false;
        }

        bool isTable = verdict.Kind == EntryKind.Table;
        (isTable ? ref _leading : ref _passedOver) = new UsualEntry(rules, entry);
        return isTable;
    }

    // In place: a call would take the vectors of who scans out of their registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void Fetch()
    {
        _due += EntriesPerFetch;
        if (_count == 0 || _line >= TableScan.MaxEntries / Lines.EntriesPerLine)
        {
            return;
        }

        nuint offset = (nuint)(_line++ * Lines.EntriesPerLine * sizeof(ulong));
        for (int i = 0; i < _count; i++)
        {
            Sse.Prefetch0((void*)(_tables[i] + offset));
        }
    }

    [InlineArray(GroupSize)]
    private struct Addresses
    {
        private nuint _first;
    }
}

using System.Collections.Immutable;
using System.Numerics;

namespace TdpHw.Formats;

/// <summary>
/// Goes through what is mapped below a root in the order of addresses, neighbours with equal rights, equal memory type and
/// contiguous output merged into one range.
/// </summary>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
/// <typeparam name="TMemory">Where the tables are.</typeparam>
public ref struct RangeCursor<TFormat, TMemory>
    where TFormat : struct, IPageTableFormat<TFormat>
    where TMemory : struct, IPhysicalMemory
{
    private readonly Root<TFormat> _root;
    private readonly long _maxLeaves;
    private TableCursor<TFormat, TMemory> _cursor;
    private TablePart _table;
    private Run _run;
    private OpenRange _open;
    private OpenRange _ended;
    private long _missing;
    private long _found;
    private int _index;
    private bool _isInTable;
    private bool _isRest;
    private bool _isBehindTable;

    /// <summary>A cursor before the first range below <paramref name="root"/>.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where to start.</param>
    /// <param name="maxLeaves">
    /// Stop after so many leaves, or so many entries whose table can't be entered; tables that share tables can hold more of
    /// either than anyone can list.
    /// </param>
    /// <param name="emptyValues">The values of an entry that holds nothing; 0 alone when not given.</param>
    /// <param name="first">Pass over leaves whose addresses start before this.</param>
    /// <param name="last">
    /// Pass over leaves whose addresses start behind this; null for none. Cursors over parts of the addresses may run at once; a range
    /// that goes on in the next part is <see cref="MappedRange.IsContinuedBy"/> the first one there.
    /// </param>
    public RangeCursor(
        in TMemory memory,
        Root<TFormat> root,
        long maxLeaves = long.MaxValue,
        ImmutableArray<ulong> emptyValues = default,
        InputAddress first = default,
        InputAddress? last = null)
    {
        _root = root;
        _maxLeaves = maxLeaves;
        _cursor = new TableCursor<TFormat, TMemory>(in memory, root, Wanted.Leaves, emptyValues, first, last);
    }

    /// <summary>The range that the cursor stands at.</summary>
    public readonly MappedRange Current => new(
        new(_ended.Address), new(_ended.Output), _ended.Size, _ended.Rights, _ended.MemoryType, _ended.Leaves);

    /// <summary>Whether the root table could be read.</summary>
    public readonly bool IsRootInMemory => _cursor.IsRootInMemory;

    /// <summary>How many leaves were seen so far.</summary>
    public long Leaves { get; private set; }

    /// <summary>How many tables are not in memory, counted once for each entry that points to one.</summary>
    public readonly long NotInMemory => _missing + _cursor.LostTables;

    /// <summary>How many table entries point to a table on their own path.</summary>
    public long Cycles { get; private set; }

    /// <summary>Whether the cursor stopped because there is more than it was allowed to see.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Goes to the next range.</summary>
    /// <returns><see langword="false"/> when there is none left, or <see cref="IsCut"/>.</returns>
    public bool MoveNext()
    {
        while (!IsCut)
        {
            if (_isInTable)
            {
                if (TakeFromTable())
                {
                    return true;
                }

                continue;
            }

            if (TryGoOn())
            {
                continue;
            }

            if (!_cursor.MoveNext())
            {
                break;
            }

            ref readonly CursorEntry entry = ref _cursor.CurrentInPlace;
            if (entry.Kind == EntryKind.Table)
            {
                GoOnAt(in entry);
            }
            else if (Leaves == _maxLeaves)
            {
                IsCut = true;
            }
            else
            {
                int memoryType = _root.Rules[entry.Level].MemoryTypeOf(entry.Entry);
                bool ends = Add(entry.Address.Value, entry.Output.Value, entry.PageShift, entry.Rights, memoryType);

                // Those behind it are most often leaves too, and need no stop at each.
                _isInTable = _isRest = _cursor.TryTakeRest(out _table);
                _run.Room = 0;
                Enter();
                if (ends)
                {
                    return true;
                }
            }
        }

        End();
        return _ended.Leaves != 0;
    }

    /// <summary>Goes on with entries at which the cursor need not stop.</summary>
    private bool TryGoOn()
    {
        bool isBehindTable = _isBehindTable;
        _isBehindTable = false;
        _isRest = !_cursor.TryTakeSibling(ref _table);
        if (_isRest && !(isBehindTable && _cursor.TryTakeRest(out _table)))
        {
            return false;
        }

        _isInTable = true;
        Enter();
        return true;
    }

    private void GoOnAt(ref readonly CursorEntry table)
    {
        if (table.Reach == TableReach.Readable)
        {
            _isInTable = _cursor.TryTakeLowest(out _table);
            _isRest = false;
            Enter();
        }
        else if (_missing + Cycles == _maxLeaves)
        {
            IsCut = true;
        }
        else
        {
            _missing += table.Reach == TableReach.NotInMemory ? 1 : 0;
            Cycles += table.Reach == TableReach.Cycle ? 1 : 0;
        }
    }

    /// <summary>Goes through the leaves of a table that was handed over, up to an entry that the cursor has to stop at.</summary>
    /// <returns>Whether a range came to its end; otherwise the entries did, or the cursor was cut.</returns>
    private bool TakeFromTable()
    {
        LevelRules rules = _root.Rules[_table.Level];
        ReadOnlySpan<ulong> entries = _table.Entries;
        while (true)
        {
            if (_run.Room != 0)
            {
                Follow();
            }

            int index = _index;
            if (index >= entries.Length)
            {
                break;
            }

            ulong entry = Volatile.Read(in entries[index]);
            if (entry == 0)
            {
                int zeros = entries[index..].IndexOfAnyExcept(0ul);
                _index = zeros < 0 ? entries.Length : index + Math.Max(zeros, 1);
                _run.Room = 0;
                continue;
            }

            EntryVerdict verdict = rules.Judge(entry);
            bool isMalformed = (entry & verdict.Reserved) != 0;
            if (!isMalformed && NeedsStop(rules, entry, verdict.Kind))
            {
                break;
            }

            if (verdict.Kind != EntryKind.Leaf || isMalformed)
            {
                _index++;
                _run.Room = 0;
                continue;
            }

            if (Leaves == _maxLeaves)
            {
                IsCut = true;
                return false;
            }

            _index++;
            _found++;
            LetFollow(rules, entry, verdict.Reserved);
            if (Add(
                _table.Address + ((ulong)index << rules.Shift),
                rules.PageOf(entry),
                rules.Shift,
                rules.Effective(_table.Rights & verdict.Rights),
                rules.MemoryTypeOf(entry)))
            {
                return true;
            }
        }

        if (_isRest)
        {
            _cursor.GiveBackRest(_index, _found);
        }
        else
        {
            _cursor.GiveBack(in _table, _index, _found);
            _isBehindTable = _index == _table.Entries.Length;
        }

        _isInTable = false;
        return false;
    }

    /// <summary>Whether an entry leads down, or is a page that may stand in several slots.</summary>
    private static bool NeedsStop(LevelRules rules, ulong entry, EntryKind kind) =>
        kind == EntryKind.Table || (kind == EntryKind.Leaf && rules.IsSizeCoded(entry));

    /// <summary>Takes a leaf.</summary>
    /// <returns>Whether that ended a range, which is the current one now.</returns>
    private bool Add(ulong address, ulong output, int pageShift, Rights rights, int memoryType)
    {
        Leaves++;
        if (_open.Leaves != 0
            && address == _open.Address + _open.Size
            && output == _open.Output + _open.Size
            && rights == _open.Rights
            && memoryType == _open.MemoryType)
        {
            _open.Size += 1ul << pageShift;
            _open.Leaves++;
            return false;
        }

        bool ends = _open.Leaves != 0;
        End();
        _open.Address = address;
        _open.Output = output;
        _open.Size = 1ul << pageShift;
        _open.Rights = rights;
        _open.MemoryType = memoryType;
        _open.Leaves = 1;
        return ends;
    }

    /// <summary>Ends the range that leaves were added to.</summary>
    private void End()
    {
        // Word by word: copied as a whole it would be read with wider loads than it was just written with, for which a processor waits.
        _ended.Address = _open.Address;
        _ended.Output = _open.Output;
        _ended.Size = _open.Size;
        _ended.Rights = _open.Rights;
        _ended.MemoryType = _open.MemoryType;
        _ended.Leaves = _open.Leaves;
        _open.Leaves = 0;
    }

    /// <summary>Takes the leaves that follow the last one, in the table that was handed over.</summary>
    private void Follow()
    {
        int most = (int)Math.Min(Math.Min(_run.Room, (ulong)(_maxLeaves - Leaves)), int.MaxValue);
        int count = _table.CountAlike(_index, most, new EntryPattern(_run.Mask, _run.Next, _run.Step), ref _cursor.Upcoming);
        _index += count;
        _found += count;
        Leaves += count;
        _open.Leaves += count;
        _open.Size += (ulong)count << _run.Shift;
        _run.Next += (ulong)count * _run.Step;
        _run.Room -= (ulong)count;
    }

    /// <summary>Says what leaves look like that map the pages behind that of a leaf, and are like it otherwise.</summary>
    private void LetFollow(LevelRules rules, ulong leaf, ulong reserved)
    {
        ulong address = rules.LeafAddress;
        ulong step = address & (~address + 1);
        _run.Level = rules.Level;
        _run.Shift = rules.Shift;
        _run.Above = _table.Rights;
        _run.Mask = rules.DecidingBits(leaf) | reserved | address | rules.HighAddress | rules.LeafMemoryType;
        _run.Step = step;
        _run.Next = (leaf & _run.Mask) + step;

        // Else the pages' addresses do not follow one another as numbers.
        _run.Room = step == rules.PageSize >> TFormat.AddressShift
            && (address & (address + step)) == 0
            && !rules.IsSizeCoded(leaf)
            ? (address - (leaf & address)) >> BitOperations.TrailingZeroCount(step)
            : 0;
    }

    /// <summary>Begins with the entries that were handed over.</summary>
    private void Enter()
    {
        _index = 0;
        _found = 0;
        if (_run.Level != _table.Level || _run.Above != _table.Rights || _table.Address != _open.Address + _open.Size)
        {
            _run.Room = 0;
        }
    }

    /// <summary>A range that leaves are added to; none when it has none.</summary>
    private struct OpenRange
    {
        public ulong Address;
        public ulong Output;
        public ulong Size;
        public long Leaves;
        public int MemoryType;
        public Rights Rights;
    }

    /// <summary>The leaves that the range goes on with.</summary>
    private struct Run
    {
        /// <summary>The bits of an entry that count.</summary>
        public ulong Mask;

        /// <summary>What the next leaf equals in them.</summary>
        public ulong Next;

        /// <summary>How much more each further one is.</summary>
        public ulong Step;

        /// <summary>How many there can be before their addresses have no room in an entry; 0 when there is no run.</summary>
        public ulong Room;
        public int Shift;
        public int Level;

        /// <summary>The rights along the path above them.</summary>
        public Rights Above;
    }
}

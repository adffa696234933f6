using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// Goes through the tables below a root in the order of addresses, each table entry before what lies below it. It stops at
/// every table entry and at what is wanted; entries of nothing are passed over.
/// </summary>
/// <remarks>
/// <para>
/// Three steps make the order: down into a table that was just shown, sideways to the next entry, up when a table is done.
/// </para>
/// <para>
/// It ends on any memory: the depth is bounded by the root's levels, a table that is on its own path is shown as a
/// <see cref="TableReach.Cycle"/> and not entered, and a table that held nothing wanted at its level is not entered again.
/// A table that many entries share is shown once for each way to it, so a caller who lists leaves bounds their number.
/// </para>
/// <para>Allocates nothing while every table holds something wanted.</para>
/// </remarks>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
/// <typeparam name="TMemory">Where the tables are.</typeparam>
public ref struct TableCursor<TFormat, TMemory>
    where TFormat : struct, IPageTableFormat<TFormat>
    where TMemory : struct, IPhysicalMemory
{
    private readonly TMemory _memory;
    private readonly Root<TFormat> _root;
    private readonly ImmutableArray<ulong> _emptyValues;
    private readonly Wanted _wanted;
    private readonly ulong _first;
    private readonly ulong _last;
    private HashSet<(ulong Table, int Level)>? _barren;
    private Frames _frames;
    private ReadOnlySpan<ulong> _table;
    private ReadOnlySpan<ulong> _below;
    private LevelRules _rules;
    private UpcomingTables _upcoming;
    private CursorEntry _current;
    private long _shown;
    private UsualEntry _sibling;
    private TakenTable _taken;
    private int _level;
    private int _next;
    private bool _hasSibling;

    /// <summary>A cursor before the first entry below <paramref name="root"/>.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where to start.</param>
    /// <param name="wanted">What to stop at, beside table entries.</param>
    /// <param name="emptyValues">The values of an entry that holds nothing; 0 alone when not given.</param>
    /// <param name="first">Pass over entries whose addresses start before this.</param>
    /// <param name="last">Pass over entries whose addresses start behind this; null for none.</param>
    public TableCursor(
        in TMemory memory,
        Root<TFormat> root,
        Wanted wanted = Wanted.All,
        ImmutableArray<ulong> emptyValues = default,
        InputAddress first = default,
        InputAddress? last = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        _memory = memory;
        _root = root;
        _wanted = wanted;
        _emptyValues = emptyValues.IsDefault ? [] : emptyValues;
        _level = root.Levels;
        _rules = root.Rules[_level];
        _frames[_level - 1] = new Frame(root.Table.Value, 0, root.Rights, 0, 0, 0);
        (_first, _last) = Window(root, first, last);
        IsRootInMemory = memory.TryGetTable(root.Table, root.EntryCount, out _table);
        _table = UpToLast(_table, 0, _rules);
        _next = IndexOfFirst(_table, 0, _rules);
    }

    /// <summary>Whether the root table could be read; when not, there is nothing to go through.</summary>
    public bool IsRootInMemory { get; }

    /// <summary>The entry that the cursor stands at.</summary>
    public readonly CursorEntry Current => _current;

    /// <summary>
    /// How many tables could be read on the way down and not any more on the way up; their other entries are passed over.
    /// </summary>
    public int LostTables { get; private set; }

    /// <summary>Goes to the next entry.</summary>
    /// <returns><see langword="false"/> when there is none left.</returns>
    public bool MoveNext()
    {
        TryStepDown();
        while (true)
        {
            if (TryStepSide())
            {
                return true;
            }

            if (!TryStepUp())
            {
                return false;
            }
        }
    }

    /// <summary>The entry that the cursor stands at, in place.</summary>
    [UnscopedRef]
    internal readonly ref readonly CursorEntry CurrentInPlace => ref _current;

    /// <summary>What is fetched while a table is gone through that was handed over.</summary>
    [UnscopedRef]
    internal ref UpcomingTables Upcoming => ref _upcoming;

    /// <summary>The entries behind the one that the cursor stands at, in the same table.</summary>
    internal readonly ReadOnlySpan<ulong> Rest => _table[_next..];

    /// <summary>Passes over what lies below the current entry, and over some entries behind it with what lies below them.</summary>
    /// <param name="entries">How many entries behind it.</param>
    /// <param name="found">How many wanted entries lie below all of them.</param>
    internal void Pass(int entries, long found)
    {
        _below = default;
        _next += entries;
        _shown += found;
    }

    /// <summary>
    /// Hands over the table that the entry at which the cursor stands leads to, when it is one of the lowest level and was not found
    /// barren. The cursor is to be told how far it was gone through and what was found there.
    /// </summary>
    internal bool TryTakeLowest(out TablePart table)
    {
        LevelRules rules = _root.Rules[1];
        if (_below.IsEmpty
            || _rules.NextLevelOf(_current.Entry) != rules.Level
            || CanBeEmptyLeaf(rules))
        {
            table = default;
            return false;
        }

        ulong address = _current.Address.Value;
        Take(_current.Output.Value, address, _current.Rights);
        _sibling = new UsualEntry(_rules, _current.Entry);
        _hasSibling = true;
        int start = IndexOfFirst(_below, address, rules);
        if (Translated(address) + ((ulong)start << rules.Shift) < _first)
        {
            // Who takes the table does not ask where its entries start: a page that starts before the first address ends here.
            start++;
        }

        ReadOnlySpan<ulong> entries = UpToLast(_below, address, rules);
        start = Math.Min(start, entries.Length);
        entries = entries[start..];
        table = new TablePart(
            rules.Level,
            entries,
            _taken.Table + ((ulong)start * sizeof(ulong)),
            address + ((ulong)start << rules.Shift),
            _taken.Rights,
            entries.Length == _below.Length);
        return true;
    }

    /// <summary>
    /// Hands over the table that the next entry leads to, when that looks like the last entry that led to a lowest table: the cursor
    /// does not stop at it. It is to be told how far the table was gone through and what was found there.
    /// </summary>
    internal bool TryTakeSibling(ref TablePart table)
    {
        if (!_hasSibling || !_below.IsEmpty || _next >= _table.Length)
        {
            return false;
        }

        ulong entry = Volatile.Read(in _table[_next]);
        if (IsEmpty(entry) || !_sibling.Matches(entry))
        {
            return false;
        }

        ulong place = ((entry & _rules.TableAddress) << TFormat.AddressShift) | _sibling.HighAddress;
        ulong address = _root.Extended(_frames[_level - 1].Address + ((ulong)_next << _rules.Shift));
        if (!IsWhole(address, _root.Rules[1])
            || IsOnPath(place)
            || _barren?.Contains((place, 1)) == true
            || !_memory.TryGetTable(new(place), 1 << TFormat.IndexBits, out ReadOnlySpan<ulong> entries))
        {
            return false;
        }

        _next++;
        _below = entries;
        Take(place, address, _taken.Rights);
        table.Set(1, entries, place, address, _taken.Rights, isWhole: true);
        return true;
    }

    /// <summary>
    /// Hands over what is behind the leaf at which the cursor stands, in a table below the root. The cursor is to be told how far it
    /// was gone through, and goes on there.
    /// </summary>
    internal readonly bool TryTakeRest(out TablePart rest)
    {
        if (_level == _root.Levels || !_below.IsEmpty || _next >= _table.Length || CanBeEmptyLeaf(_rules))
        {
            rest = default;
            return false;
        }

        ref readonly Frame frame = ref _frames[_level - 1];
        rest = new TablePart(
            _level,
            _table[_next..],
            frame.Table + ((ulong)_next * sizeof(ulong)),
            frame.Address + ((ulong)_next << _rules.Shift),
            frame.Rights,
            isWhole: false);
        return true;
    }

    /// <summary>Says that so many entries were passed that were handed over as a rest, and how many of them were wanted.</summary>
    internal void GiveBackRest(int passed, long found)
    {
        _next += passed;
        _shown += found;
    }

    /// <summary>
    /// Says how many entries of a lowest table were passed that was handed over, and how many of them were wanted. The cursor goes on
    /// at the entry behind them, or behind the table where there is none.
    /// </summary>
    internal void GiveBack(in TablePart table, int passed, long found)
    {
        if (passed < table.Entries.Length)
        {
            int next = (int)((table.Place - _taken.Table) / sizeof(ulong)) + passed;
            StepInto(_taken.Table, _taken.Address, _taken.Rights, table.Level);
            _next = next;
            _shown += found;
            return;
        }

        _below = default;
        _shown += found;
        if (found == 0 && table.IsWhole)
        {
            (_barren ??= []).Add((table.Place, table.Level));
        }
    }

    /// <summary>Addresses from first to last as the bits that are translated, which are in order whatever stands above them.</summary>
    private static (ulong First, ulong Last) Window(Root<TFormat> root, InputAddress first, InputAddress? last)
    {
        ulong all = ulong.MaxValue >> (64 - root.InputBits);
        ulong lowerHalf = all >> 1;
        ulong firstBits = root.Covers(first) ? first.Value & all : TFormat.IsInputSignExtended ? lowerHalf + 1 : ulong.MaxValue;
        ulong lastBits = last is not { } end ? all
            : root.Covers(end) ? end.Value & all
            : TFormat.IsInputSignExtended ? lowerHalf : all;
        return (firstBits, lastBits);
    }

    private readonly ulong Translated(ulong address) => address & (ulong.MaxValue >> (64 - _root.InputBits));

    /// <summary>The entries of a table up to the last that is not passed over because of its address.</summary>
    private readonly ReadOnlySpan<ulong> UpToLast(ReadOnlySpan<ulong> table, ulong address, LevelRules rules)
    {
        ulong start = Translated(address);
        if (_last < start)
        {
            return default;
        }

        ulong last = (_last - start) >> rules.Shift;
        return last < (ulong)table.Length ? table[..((int)last + 1)] : table;
    }

    /// <summary>The entry of a table that has the first address that is not passed over.</summary>
    private readonly int IndexOfFirst(ReadOnlySpan<ulong> table, ulong address, LevelRules rules)
    {
        ulong start = Translated(address);
        return _first <= start ? 0 : (int)Math.Min((_first - start) >> rules.Shift, (ulong)table.Length);
    }

    /// <summary>Whether no entry of a table below the root is passed over because of its address.</summary>
    private readonly bool IsWhole(ulong address, LevelRules rules)
    {
        ulong start = Translated(address);
        return _first <= start && _last >= start + (1ul << (rules.Shift + TFormat.IndexBits)) - 1;
    }

    /// <summary>Whether an entry that is said to hold nothing is a leaf by the rules: it may not be passed over as one.</summary>
    private readonly bool CanBeEmptyLeaf(LevelRules rules)
    {
        foreach (ulong value in _emptyValues)
        {
            if (rules.Judge(value).Kind == EntryKind.Leaf)
            {
                return true;
            }
        }

        return rules.Judge(0).Kind == EntryKind.Leaf;
    }

    private void TryStepDown()
    {
        if (!_below.IsEmpty)
        {
            StepInto(_current.Output.Value, _current.Address.Value, _current.Rights, _rules.NextLevelOf(_current.Entry));
        }
    }

    /// <summary>Goes down into the table that was found below.</summary>
    private void StepInto(ulong table, ulong address, Rights rights, int level)
    {
        _frames[_level - 1].Next = _next;
        if (level > 1)
        {
            _upcoming.ExpectBehind(NextTable(level));
        }

        _frames[level - 1] = new Frame(table, address, rights, _shown, _level, 0);
        _level = level;
        _rules = _root.Rules[level];
        _table = UpToLast(_below, address, _rules);
        _below = default;
        _next = IndexOfFirst(_table, address, _rules);
        _hasSibling = false;
    }

    /// <summary>The table of a level that the next entry leads to; 0 where it leads to none.</summary>
    private readonly ulong NextTable(int level)
    {
        ulong entry = _next < _table.Length ? Volatile.Read(in _table[_next]) : 0;
        return _rules.TryPoint(entry, out ulong table, out int next) && next == level ? table : 0;
    }

    /// <summary>Hands the table below the last entry over.</summary>
    private void Take(ulong table, ulong address, Rights rights)
    {
        _upcoming.GoTo<TFormat, TMemory>(in _memory, _rules, _frames[_level - 1].Table, _table, _next - 1);
        _taken.Table = table;
        _taken.Address = address;
        _taken.Rights = rights;
    }

    private bool TryStepSide()
    {
        ReadOnlySpan<ulong> table = _table;
        while (true)
        {
            int skipped = table[_next..].IndexOfAnyExcept(0ul);
            if (skipped < 0)
            {
                return false;
            }

            int index = _next + skipped;
            _next = index + 1;

            // A live entry may change under the cursor: everything is judged on this one read.
            ulong entry = Volatile.Read(in table[index]);
            if (!IsEmpty(entry) && Show(index, entry))
            {
                return true;
            }
        }
    }

    private bool TryStepUp()
    {
        if (_level == _root.Levels)
        {
            _table = default;
            _next = 0;
            return false;
        }

        Frame done = _frames[_level - 1];
        if (done.ShownBefore == _shown && IsWhole(done.Address, _rules))
        {
            (_barren ??= []).Add((done.Table, _level));
        }

        _hasSibling = false;
        _level = done.Above;
        _rules = _root.Rules[_level];
        Frame frame = _frames[_level - 1];
        _next = frame.Next;
        int entryCount = _level == _root.Levels ? _root.EntryCount : 1 << TFormat.IndexBits;
        if (!_memory.TryGetTable(new(frame.Table), entryCount, out _table))
        {
            _table = default;
            _next = 0;
            LostTables++;
        }

        _table = UpToLast(_table, frame.Address, _rules);

        return true;
    }

    private readonly bool IsEmpty(ulong entry)
    {
        foreach (ulong value in _emptyValues)
        {
            if (entry == value)
            {
                return true;
            }
        }

        return entry == 0;
    }

    private bool Show(int index, ulong entry)
    {
        ref readonly Frame frame = ref _frames[_level - 1];
        EntryVerdict verdict = _rules.Judge(entry);
        EntryKind kind = (entry & verdict.Reserved) != 0 ? EntryKind.ReservedBitSet : verdict.Kind;
        ulong address = _root.Extended(frame.Address + ((ulong)index << _rules.Shift));
        ulong output = 0;
        int pageShift = _rules.Shift;
        Rights rights = Rights.None;
        TableReach reach = TableReach.NoTable;
        if (Translated(address) < _first && kind != EntryKind.Table)
        {
            return false;
        }

        switch (kind)
        {
            case EntryKind.Leaf when (_wanted & Wanted.Leaves) != 0:
                output = _rules.PageOf(entry);
                rights = _rules.Effective(frame.Rights & verdict.Rights);
                if (_rules.PageShiftOf(entry) != pageShift)
                {
                    (output, pageShift) = Repeated(index, entry);
                }

                _shown++;
                break;
            case EntryKind.Table:
                output = _rules.TableOf(entry);
                rights = frame.Rights & verdict.Rights;
                reach = Reach(output, _rules.NextLevelOf(entry));
                _shown += reach == TableReach.Readable ? 0 : 1;
                break;
            case EntryKind.NotPresent or EntryKind.ReservedBitSet or EntryKind.IllegalEncoding
                when (_wanted & Wanted.Specials) != 0:
                _shown++;
                break;
            default:
                return false;
        }

        _current = new CursorEntry(
            new(address),
            _level,
            kind,
            reach,
            rights,
            entry,
            new(frame.Table + (ulong)index * sizeof(ulong)),
            new(output),
            pageShift);
        return true;
    }

    /// <summary>
    /// A page larger than a slot stands in as many slots as it takes. Where they all are there it is shown once; otherwise each slot
    /// maps its own part of it.
    /// </summary>
    private (ulong Output, int PageShift) Repeated(int index, ulong entry)
    {
        int pageShift = _rules.PageShiftOf(entry);
        int slots = 1 << (pageShift - _rules.Shift);
        ulong page = _rules.PageOf(entry);
        if (index % slots == 0 && index + slots <= _table.Length)
        {
            int same = 1;
            while (same < slots && IsRepetition(Volatile.Read(in _table[index + same]), entry, page, pageShift))
            {
                same++;
            }

            if (same == slots)
            {
                _next = index + slots;
                return (page, pageShift);
            }
        }

        return (page + ((ulong)(index % slots) << _rules.Shift), _rules.Shift);
    }

    private readonly bool IsRepetition(ulong other, ulong entry, ulong page, int pageShift) =>
        other == entry
        || (_rules.KindOf(other) == EntryKind.Leaf
            && _rules.PageShiftOf(other) == pageShift
            && _rules.PageOf(other) == page
            && _rules.RightsOf(other) == _rules.RightsOf(entry)
            && _rules.MemoryTypeOf(other) == _rules.MemoryTypeOf(entry));

    private TableReach Reach(ulong table, int next)
    {
        if (IsOnPath(table))
        {
            return TableReach.Cycle;
        }

        if (next < 1 || next >= _level || !_memory.TryGetTable(new(table), 1 << TFormat.IndexBits, out _below))
        {
            return TableReach.NotInMemory;
        }

        if (_barren?.Contains((table, next)) == true)
        {
            _below = default;
        }

        return TableReach.Readable;
    }

    /// <summary>Whether a table is one of those that lead to the entry that the cursor stands at.</summary>
    private readonly bool IsOnPath(ulong table)
    {
        for (int level = _level; level != 0; level = _frames[level - 1].Above)
        {
            if (_frames[level - 1].Table == table)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A lowest table that was handed over.</summary>
    private struct TakenTable
    {
        public ulong Table;
        public ulong Address;
        public Rights Rights;
    }

    private struct Frame(ulong table, ulong address, Rights rights, long shownBefore, int above, int next)
    {
        public readonly ulong Table = table;
        public readonly ulong Address = address;
        public readonly long ShownBefore = shownBefore;
        public readonly Rights Rights = rights;
        public readonly int Above = above;
        public int Next = next;
    }

    [InlineArray(FormatLimits.MaxLevels)]
    private struct Frames
    {
        private Frame _first;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// Goes through the tables below a root and judges each at once: from above to below and in the order of addresses. The next table
/// is fetched from memory while one is judged.
/// </summary>
/// <remarks>
/// <para>
/// A table of more than <see cref="TableScan.MaxEntries"/> entries is shown in parts. A table that is on its own path is not entered.
/// A table that many entries share is shown once for each way to it, so a caller who does not trust the tables bounds their number.
/// </para>
/// <para>Allocates nothing.</para>
/// </remarks>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
/// <typeparam name="TMemory">Where the tables are.</typeparam>
public ref struct ScanCursor<TFormat, TMemory>
    where TFormat : struct, IPageTableFormat<TFormat>
    where TMemory : struct, IPhysicalMemory
{
    private readonly TMemory _memory;
    private readonly Root<TFormat> _root;
    private Frames _frames;
    private TableBitmaps _bitmaps;
    private ReadOnlySpan<ulong> _entries;
    private UpcomingTables _upcoming;
    private TableScan.UsualEntries _usual;
    private int _level;

    /// <summary>A cursor before the root table.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where to start.</param>
    public ScanCursor(in TMemory memory, Root<TFormat> root)
    {
        ArgumentNullException.ThrowIfNull(root);
        _memory = memory;
        _root = root;
        _level = root.Levels;
        _frames[_level - 1] = new Frame { Table = root.Table.Value };
        IsRootInMemory = memory.TryGetTable(root.Table, root.EntryCount, out _);
    }

    /// <summary>Whether the root table could be read; when not, there is nothing to go through.</summary>
    public bool IsRootInMemory { get; }

    /// <summary>The level of the table that the cursor stands at.</summary>
    public readonly int Level => _level;

    /// <summary>Where the table lies.</summary>
    public readonly HostPhysicalAddress Table => new(_frames[_level - 1].Table);

    /// <summary>Which of the table's entries is the first that is shown: 0 unless it is shown in parts.</summary>
    public readonly int FirstEntry => _frames[_level - 1].Start;

    /// <summary>The first address that goes through the table.</summary>
    public readonly InputAddress Address => new(_frames[_level - 1].Address);

    /// <summary>The entries that are shown.</summary>
    public readonly ReadOnlySpan<ulong> Entries => _entries;

    /// <summary>What these entries are.</summary>
    [UnscopedRef]
    public readonly ref readonly TableBitmaps Bitmaps => ref _bitmaps;

    /// <summary>How many table entries seen so far point to a table that is not in memory.</summary>
    public long NotInMemory { get; private set; }

    /// <summary>How many table entries seen so far point to a table on their own path.</summary>
    public long Cycles { get; private set; }

    /// <summary>Goes to the next table.</summary>
    /// <returns><see langword="false"/> when there is none left.</returns>
    public bool MoveNext()
    {
        while (true)
        {
            ref Frame frame = ref _frames[_level - 1];
            int below = NextSet(in frame.Below, frame.Next);
            if (below >= 0)
            {
                frame.Next = below + 1;
                TryStepDown(ref frame, below);
            }
            else if (TryShow(ref frame))
            {
                return true;
            }
            else if (_level == _root.Levels)
            {
                return false;
            }
            else
            {
                _level = frame.Above;
            }
        }
    }

    private readonly int EntryCount => _level == _root.Levels ? _root.EntryCount : 1 << TFormat.IndexBits;

    /// <summary>Shows the entries of a table behind those that were shown.</summary>
    private bool TryShow(ref Frame frame)
    {
        int start = frame.IsShown ? frame.Start + TableScan.MaxEntries : 0;
        if (start >= EntryCount || !_memory.TryGetTable(new(frame.Table), EntryCount, out ReadOnlySpan<ulong> table))
        {
            return false;
        }

        _entries = table.Slice(start, Math.Min(TableScan.MaxEntries, table.Length - start));
        TableScan.Classify(_root.Rules[_level], _entries, ref _usual, ref _upcoming, out _bitmaps);
        frame.IsShown = true;
        frame.Start = start;
        frame.Next = 0;
        if (_level > 1)
        {
            for (int word = 0; word < EntryBitmap.WordCount; word++)
            {
                frame.Below[word] = _bitmaps.Present[word] & ~_bitmaps.Leaf[word] & ~_bitmaps.Violation[word];
            }
        }

        return true;
    }

    private void TryStepDown(ref Frame frame, int index)
    {
        int level = _level;
        LevelRules rules = _root.Rules[level];
        if (!_memory.TryGetTable(new(frame.Table), EntryCount, out ReadOnlySpan<ulong> entries)
            || !rules.TryPoint(Volatile.Read(in entries[frame.Start + index]), out ulong table, out int next))
        {
            // A live entry that was a table when it was judged and is none now.
            return;
        }

        if (IsOnPath(table))
        {
            Cycles++;
            return;
        }

        if (!_memory.TryGetTable(new(table), 1 << TFormat.IndexBits, out _))
        {
            NotInMemory++;
            return;
        }

        if (next == 1)
        {
            _upcoming.GoTo<TFormat, TMemory>(in _memory, rules, frame.Table, entries, frame.Start + index);
        }

        ulong address = _root.Extended(frame.Address + ((ulong)(frame.Start + index) << rules.Shift));
        _level = next;
        _frames[_level - 1] = new Frame { Table = table, Address = address, Above = level };
    }

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

    private static int NextSet(ref readonly EntryBitmap bitmap, int from)
    {
        for (int word = from / 64; word < EntryBitmap.WordCount; word++)
        {
            ulong rest = bitmap[word] & (word == from / 64 ? ulong.MaxValue << (from % 64) : ulong.MaxValue);
            if (rest != 0)
            {
                return (word * 64) + BitOperations.TrailingZeroCount(rest);
            }
        }

        return -1;
    }

    private struct Frame
    {
        public ulong Table;
        public ulong Address;

        /// <summary>The table entries among those that are shown.</summary>
        public EntryBitmap Below;
        public int Start;
        public int Next;
        public int Above;
        public bool IsShown;
    }

    [InlineArray(FormatLimits.MaxLevels)]
    private struct Frames
    {
        private Frame _first;
    }
}

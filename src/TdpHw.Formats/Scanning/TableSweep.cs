using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace TdpHw.Formats;

/// <summary>
/// Judges all tables below a root, level by level from above to below, those of a level in the order in which they lie in memory.
/// Tables that fill a region of memory are read as fast as the region is from its start to its end, which no order of addresses is.
/// </summary>
/// <remarks>
/// <para>
/// Each table is shown once for each level that it stands at, however many ways lead to it, so the time is bounded by the image.
/// A table of more than <see cref="TableScan.MaxEntries"/> entries is shown in parts.
/// </para>
/// <para>Allocates 8 to 32 bytes for each table, and nothing while it goes through those of the lowest level.</para>
/// </remarks>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
/// <typeparam name="TMemory">Where the tables are.</typeparam>
public ref struct TableSweep<TFormat, TMemory>
    where TFormat : struct, IPageTableFormat<TFormat>
    where TMemory : struct, IPhysicalMemory
{
    private readonly TMemory _memory;
    private readonly Root<TFormat> _root;
    private readonly TablePlaces[] _places;
    private TableBitmaps _bitmaps;
    private TableScan.UsualEntries _usual;
    private UpcomingLines _upcoming;
    private ReadOnlySpan<ulong> _entries;
    private int _level;
    private int _next;
    private int _start;

    /// <summary>A sweep before the root table.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where to start.</param>
    public TableSweep(in TMemory memory, Root<TFormat> root)
    {
        ArgumentNullException.ThrowIfNull(root);
        _memory = memory;
        _root = root;
        _places = new TablePlaces[root.Levels];
        for (int i = 0; i < _places.Length; i++)
        {
            _places[i] = new TablePlaces();
        }

        _places[^1].Add(root.Table.Value);
        _level = root.Levels;
    }

    /// <summary>The level of the table that the sweep stands at.</summary>
    public readonly int Level => _level;

    /// <summary>Where the table lies.</summary>
    public HostPhysicalAddress Table { get; private set; }

    /// <summary>Which of the table's entries is the first that is shown: 0 unless it is shown in parts.</summary>
    public int FirstEntry { get; private set; }

    /// <summary>The entries that are shown.</summary>
    public readonly ReadOnlySpan<ulong> Entries => _entries;

    /// <summary>What these entries are.</summary>
    [UnscopedRef]
    public readonly ref readonly TableBitmaps Bitmaps => ref _bitmaps;

    /// <summary>How many tables met so far are not in memory.</summary>
    public long NotInMemory { get; private set; }

    /// <summary>Goes to the next table.</summary>
    /// <returns><see langword="false"/> when there is none left.</returns>
    public bool MoveNext()
    {
        if (!TryTake(lowestLevel: 1))
        {
            return false;
        }

        TableScan.Classify(_root.Rules[_level], _entries, ref _usual, ref _upcoming, out _bitmaps);
        if (_level > 1)
        {
            TakeInTables();
        }

        return true;
    }

    /// <summary>Goes through the tables of all upper levels.</summary>
    /// <returns>Those of the lowest level, in the order of memory.</returns>
    internal TablePlaces FindLowest()
    {
        while (_root.Levels > 1 && TryTake(lowestLevel: 2))
        {
            TableScan.Classify(_root.Rules[_level], _entries, ref _usual, ref _upcoming, out _bitmaps);
            TakeInTables();
        }

        TablePlaces lowest = _places[0];
        lowest.Order();
        return lowest;
    }

    /// <summary>The tables of a level that were met so far.</summary>
    internal readonly ReadOnlySpan<ulong> TablesAt(int level) => _places[level - 1].Tables;

    private readonly int EntryCount => _level == _root.Levels ? _root.EntryCount : 1 << TFormat.IndexBits;

    /// <summary>Takes the next table, or the next part of one.</summary>
    private bool TryTake(int lowestLevel)
    {
        while (true)
        {
            TablePlaces places = _places[_level - 1];
            if (_next == places.Count)
            {
                if (_level == lowestLevel)
                {
                    _entries = default;
                    return false;
                }

                _level--;
                _places[_level - 1].Order();
                _next = 0;
                continue;
            }

            ulong table = places.Tables[_next];
            if (!_memory.TryGetTable(new(table), EntryCount, out ReadOnlySpan<ulong> entries))
            {
                NotInMemory++;
                _next++;
                continue;
            }

            Table = new HostPhysicalAddress(table);
            FirstEntry = _start;
            _entries = entries.Slice(_start, Math.Min(TableScan.MaxEntries, entries.Length - _start));
            _start += TableScan.MaxEntries;
            if (_start >= entries.Length)
            {
                _start = 0;
                _next++;
            }

            _upcoming.GoTo(entries, table, _next < places.Count ? places.Tables[_next] : table);
            return true;
        }
    }

    /// <summary>Takes in what the entries that are shown lead to.</summary>
    private readonly void TakeInTables()
    {
        LevelRules rules = _root.Rules[_level];
        for (int word = 0; word < EntryBitmap.WordCount; word++)
        {
            ulong tables = _bitmaps.Present[word] & ~_bitmaps.Leaf[word] & ~_bitmaps.Violation[word];
            for (; tables != 0; tables &= tables - 1)
            {
                ulong entry = Volatile.Read(in _entries[(word * 64) + BitOperations.TrailingZeroCount(tables)]);

                // Judged again: a live entry that was a table may be none now.
                if (rules.TryPoint(entry, out ulong table, out int next))
                {
                    _places[next - 1].Add(table);
                }
            }
        }
    }
}

using System.Collections.Immutable;

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
    private MappedRange _current;
    private MappedRange _pending;
    private bool _hasPending;
    private long _missing;

    /// <summary>A cursor before the first range below <paramref name="root"/>.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where to start.</param>
    /// <param name="maxLeaves">
    /// Stop after so many leaves, or so many entries whose table can't be entered; tables that share tables can hold more of
    /// either than anyone can list.
    /// </param>
    /// <param name="emptyValues">The values of an entry that holds nothing; 0 alone when not given.</param>
    public RangeCursor(
        in TMemory memory,
        Root<TFormat> root,
        long maxLeaves = long.MaxValue,
        ImmutableArray<ulong> emptyValues = default)
    {
        _root = root;
        _maxLeaves = maxLeaves;
        _cursor = new TableCursor<TFormat, TMemory>(in memory, root, Wanted.Leaves, emptyValues);
    }

    /// <summary>The range that the cursor stands at.</summary>
    public readonly MappedRange Current => _current;

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
        while (!IsCut && _cursor.MoveNext())
        {
            CursorEntry entry = _cursor.Current;
            bool isTable = entry.Kind == EntryKind.Table;
            if (isTable && entry.Reach == TableReach.Readable)
            {
                continue;
            }

            if ((isTable ? _missing + Cycles : Leaves) == _maxLeaves)
            {
                IsCut = true;
                break;
            }

            if (isTable)
            {
                _missing += entry.Reach == TableReach.NotInMemory ? 1 : 0;
                Cycles += entry.Reach == TableReach.Cycle ? 1 : 0;
                continue;
            }

            Leaves++;
            int memoryType = _root.Rules[entry.Level].MemoryTypeOf(entry.Entry);
            if (_hasPending && Continues(_pending, entry, memoryType))
            {
                _pending = _pending with { Size = _pending.Size + entry.Size, Leaves = _pending.Leaves + 1 };
                continue;
            }

            bool hadPending = _hasPending;
            _current = _pending;
            _pending = new MappedRange(entry.Address, entry.Output, entry.Size, entry.Rights, memoryType, 1);
            _hasPending = true;
            if (hadPending)
            {
                return true;
            }
        }

        _current = _pending;
        bool isLast = _hasPending;
        _hasPending = false;
        return isLast;
    }

    private static bool Continues(in MappedRange range, in CursorEntry leaf, int memoryType) =>
        leaf.Address.Value == range.Address.Value + range.Size
        && leaf.Output.Value == range.Output.Value + range.Size
        && leaf.Rights == range.Rights
        && memoryType == range.MemoryType;
}

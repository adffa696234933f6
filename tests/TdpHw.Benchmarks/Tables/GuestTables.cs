using System.Runtime.InteropServices;
using TdpHw.Benchmarks.Peers;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Benchmarks.Tables;

/// <summary>The tables of a guest, whatever format they are written in.</summary>
/// <param name="shape">What they map.</param>
internal abstract class GuestTables(GuestShape shape)
{
    /// <summary>What they map.</summary>
    public GuestShape Shape => shape;
}

/// <summary>
/// The tables of a guest, in memory that C can read too; what they map is the same in every format. Each table lies at a random frame;
/// the pages that it maps lie in runs of 1 to 1024 4K pages or 1 to 16 2M pages. One region of 4K pages in 64 has a hole, one in 64
/// can't be written, one in 1024 has an entry that the format refuses.
/// </summary>
internal sealed unsafe class GuestTables<TFormat> : GuestTables
    where TFormat : struct, IPageTableFormat<TFormat>
{
    private const int EntriesPerTable = 512;
    private const int PageSize = EntriesPerTable * sizeof(ulong);
    private const ulong Base = 0x1_0000_0000;

    private readonly GuestFormat<TFormat> _format;
    private readonly ulong[] _entries;
    private readonly int[] _places;
    private readonly int _first;
    private Rng _rng = new(0x1234_5678_9abc_def1);
    private ulong _frame;
    private ulong _framesLeft;
    private uint _pageFrames;

    /// <summary>Makes the tables.</summary>
    /// <param name="format">The format that they are written in.</param>
    /// <param name="shape">What they map.</param>
    public GuestTables(GuestFormat<TFormat> format, GuestShape shape)
        : base(shape)
    {
        _format = format;
        long regions = (long)(shape.Size >> 21);
        int level2 = (int)(shape.Size >> 30);
        int level3 = (int)((shape.Size + (1ul << 39) - 1) >> 39);
        var small = new bool[regions];
        int level1 = 0;
        for (long region = 0; region < regions; region++)
        {
            small[region] = shape.SmallPagesOneIn == 1 || _rng.Below((ulong)shape.SmallPagesOneIn) == 0;
            level1 += small[region] ? 1 : 0;
        }

        int tables = 1 + level3 + level2 + level1;
        _places = Shuffled(tables);

        // Pinned, because the peers keep its address; and tables start where pages do.
        _entries = GC.AllocateUninitializedArray<ulong>((tables + 1) * EntriesPerTable, pinned: true);
        _first = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_entries, 0) & (PageSize - 1)) / sizeof(ulong);
        EntryCount = (long)tables * EntriesPerTable;
        int next = 1 + level3 + level2;
        Link(0, 4, 1, level3);
        for (int i = 0; i < level3; i++)
        {
            Link(1 + i, 3, 1 + level3 + (i * EntriesPerTable), Math.Min(EntriesPerTable, level2 - (i * EntriesPerTable)));
        }

        ulong large = format.Leaf(2, canWrite: true);
        for (int i = 0; i < level2; i++)
        {
            Span<ulong> table = Table(1 + level3 + i);
            for (int j = 0; j < EntriesPerTable; j++)
            {
                bool isSmall = small[((long)i * EntriesPerTable) + j];
                table[j] = isSmall ? TableEntry(2, next) : TakeFrames(512) << 12 | large | Flags(2);
                if (isSmall)
                {
                    FillLeaves(Table(next++));
                }
            }
        }

        Memory = new FlatMemory(new(Base - ((ulong)_first * sizeof(ulong))), _entries);
        Root = new Root<TFormat>(format.Rules, new(AddressOf(0)), levels: 4);
    }

    /// <summary>The tables as the product reads them.</summary>
    public FlatMemory Memory { get; }

    public Root<TFormat> Root { get; }

    /// <summary>How many entries there are in all tables together.</summary>
    public long EntryCount { get; }

    /// <summary>The entries where they lie; they do not move.</summary>
    public ulong* Entries => (ulong*)Marshal.UnsafeAddrOfPinnedArrayElement(_entries, _first);

    /// <summary>The tables as the peers read them.</summary>
    public PeerMemory ForPeers => new()
    {
        Bytes = Entries,
        Base = Base,
        Size = (ulong)EntryCount * sizeof(ulong),
        Root = Root.Table.Value,
    };

    /// <summary>Where the last-level entry of a guest address lies among <see cref="Entries"/>.</summary>
    public ulong IndexOf(ulong address)
    {
        WalkResult walk = TFormat.Walk(Memory, Root, new(address));
        return (walk.EntryAddress.Value - Base) / sizeof(ulong);
    }

    private int[] Shuffled(int count)
    {
        var places = new int[count];
        for (int i = 0; i < count; i++)
        {
            int j = (int)_rng.Below((ulong)i + 1);
            places[i] = places[j];
            places[j] = i;
        }

        return places;
    }

    private ulong AddressOf(int table) => Base + ((ulong)_places[table] * EntriesPerTable * sizeof(ulong));

    private Span<ulong> Table(int table) => _entries.AsSpan(_first + (_places[table] * EntriesPerTable), EntriesPerTable);

    private ulong TableEntry(int level, int child) => AddressOf(child) | _format.Table(level) | _format.Rules[level].TableAccessed;

    private void Link(int table, int level, int firstChild, int count)
    {
        Span<ulong> entries = Table(table);
        entries.Clear();
        for (int i = 0; i < count; i++)
        {
            entries[i] = TableEntry(level, firstChild + i);
        }
    }

    private void FillLeaves(Span<ulong> table)
    {
        ulong kind = _rng.Below(1024);
        ulong leaf = _format.Leaf(1, canWrite: kind is not (>= 16 and < 32));
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = TakeFrames(1) << 12 | leaf | Flags(1);
        }

        if (kind < 16)
        {
            table.Slice((int)_rng.Below(256), 64 + (int)_rng.Below(192)).Clear();
        }

        if (kind == 32)
        {
            table[(int)_rng.Below(EntriesPerTable)] = (_rng.Below(1 << 16) << 12) | _format.Refused;
        }
    }

    /// <summary>The frames of the next page of a run.</summary>
    private ulong TakeFrames(uint count)
    {
        if (_framesLeft == 0 || _pageFrames != count)
        {
            _pageFrames = count;
            _framesLeft = count * (1 + _rng.Below(count == 1 ? 1024u : 16u));
            _frame = (1ul << 20) + (_rng.Next() >> (64 - GuestFormat.AddressBits + 13) & ~511ul);
        }

        ulong frame = _frame;
        _frame += count;
        _framesLeft -= count;
        return frame;
    }

    /// <summary>Seven in eight pages were used, and half of those written.</summary>
    private ulong Flags(int level)
    {
        LevelRules rules = _format.Rules[level];
        ulong random = _rng.Next() >> 60;
        return (random & 7) == 0 ? 0 : random < 8 ? rules.LeafAccessed : rules.LeafAccessed | rules.LeafDirty;
    }
}

using System.Runtime.InteropServices;
using TdpHw.Benchmarks.Peers;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Benchmarks.Tables;

/// <summary>
/// The EPT of a guest, in memory that C can read too. Each table lies at a random frame; the pages that it maps lie in runs of
/// 1 to 1024 4K pages or 1 to 16 2M pages. One region of 4K pages in 64 has a hole, one in 64 can't be written, one in 1024 has an
/// entry for emulated MMIO as KVM writes it.
/// </summary>
internal sealed unsafe class GuestTables
{
    /// <summary>The physical address width of the machine.</summary>
    public const int AddressBits = 46;

    private const int EntriesPerTable = 512;
    private const ulong Base = 0x1_0000_0000;
    private const ulong Rwx = 0x7;
    private const ulong Rx = 0x5;
    private const ulong WriteBack = 6 << 3;
    private const ulong Large = 0x80;
    private const ulong Accessed = 0x100;
    private const ulong Dirty = 0x200;
    private const ulong Mmio = 0x6;

    private readonly ulong[] _entries;
    private readonly int[] _places;
    private Rng _rng = new(0x1234_5678_9abc_def1);
    private ulong _frame;
    private ulong _framesLeft;
    private uint _pageFrames;

    private GuestTables(GuestShape shape)
    {
        Shape = shape;
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

        // Pinned, because the peers keep its address.
        _entries = GC.AllocateUninitializedArray<ulong>(tables * EntriesPerTable, pinned: true);
        int next = 1 + level3 + level2;
        Link(0, 1, level3);
        for (int i = 0; i < level3; i++)
        {
            Link(1 + i, 1 + level3 + (i * EntriesPerTable), Math.Min(EntriesPerTable, level2 - (i * EntriesPerTable)));
        }

        for (int i = 0; i < level2; i++)
        {
            Span<ulong> table = Table(1 + level3 + i);
            for (int j = 0; j < EntriesPerTable; j++)
            {
                bool isSmall = small[((long)i * EntriesPerTable) + j];
                table[j] = isSmall ? TableEntry(next) : TakeFrames(512) << 12 | Large | Rwx | WriteBack | Flags();
                if (isSmall)
                {
                    FillLeaves(Table(next++));
                }
            }
        }

        Memory = new FlatMemory(new(Base), _entries);
        Root = new Root<Ept>(
            Ept.RulesFor(new EptCapabilities { MaxPhyAddr = AddressBits }), new(AddressOf(0)), levels: 4);
    }

    public GuestShape Shape { get; }

    /// <summary>The tables as the product reads them.</summary>
    public FlatMemory Memory { get; }

    public Root<Ept> Root { get; }

    /// <summary>How many entries there are in all tables together.</summary>
    public long EntryCount => _entries.LongLength;

    /// <summary>The entries where they lie; they do not move.</summary>
    public ulong* Entries => (ulong*)Marshal.UnsafeAddrOfPinnedArrayElement(_entries, 0);

    /// <summary>The tables as the peers read them.</summary>
    public PeerMemory ForPeers => new()
    {
        Bytes = Entries,
        Base = Base,
        Size = (ulong)EntryCount * sizeof(ulong),
        Root = Root.Table.Value,
    };

    public static GuestTables Build(GuestShape shape) => new(shape);

    /// <summary>Where the last-level entry of a guest address lies among <see cref="Entries"/>.</summary>
    public ulong IndexOf(ulong address)
    {
        WalkResult walk = Ept.Walk(Memory, Root, new(address));
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

    private Span<ulong> Table(int table) => _entries.AsSpan(_places[table] * EntriesPerTable, EntriesPerTable);

    private ulong TableEntry(int child) => AddressOf(child) | Rwx | Accessed;

    private void Link(int table, int firstChild, int count)
    {
        Span<ulong> entries = Table(table);
        entries.Clear();
        for (int i = 0; i < count; i++)
        {
            entries[i] = TableEntry(firstChild + i);
        }
    }

    private void FillLeaves(Span<ulong> table)
    {
        ulong kind = _rng.Below(1024);
        ulong rights = kind is >= 16 and < 32 ? Rx : Rwx;
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = TakeFrames(1) << 12 | rights | WriteBack | Flags();
        }

        if (kind < 16)
        {
            table.Slice((int)_rng.Below(256), 64 + (int)_rng.Below(192)).Clear();
        }

        if (kind == 32)
        {
            table[(int)_rng.Below(EntriesPerTable)] = (_rng.Below(1 << 16) << 12) | Mmio;
        }
    }

    /// <summary>The frames of the next page of a run.</summary>
    private ulong TakeFrames(uint count)
    {
        if (_framesLeft == 0 || _pageFrames != count)
        {
            _pageFrames = count;
            _framesLeft = count * (1 + _rng.Below(count == 1 ? 1024u : 16u));
            _frame = (1ul << 20) + (_rng.Next() >> (64 - AddressBits + 13) & ~511ul);
        }

        ulong frame = _frame;
        _frame += count;
        _framesLeft -= count;
        return frame;
    }

    /// <summary>Seven in eight pages were used, and half of those written.</summary>
    private ulong Flags()
    {
        ulong random = _rng.Next() >> 60;
        return (random & 7) == 0 ? 0 : random < 8 ? Accessed : Accessed | Dirty;
    }
}

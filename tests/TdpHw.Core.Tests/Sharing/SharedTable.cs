using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Core.Tests.Sharing;

/// <summary>
/// A table of four levels as the series' KVM writes it, made with the generated code: at each level that can have them a
/// table entry, leaves with three kinds of rights, and an empty entry. No single bit of a pointer leads from one of its
/// tables to another.
/// </summary>
internal sealed class SharedTable
{
    public const int AddressWidth = 46;

    /// <summary>Where each level's table lies, level 1 first.</summary>
    private static readonly ulong[] Tables = [0x1_0300_0000, 0x1_0030_0000, 0x1_0003_0000, 0x1_0000_3000];

    private static readonly ulong[] Outputs = [0x1_4567_8000, 0x1_8020_0000, 0x2_4000_0000];

    private readonly Dictionary<ulong, ulong[]> _pages = [];

    public SharedTable()
    {
        for (int level = 1; level <= 4; level++)
        {
            ulong[] page = new ulong[512];
            int index = 0;
            if (level > 1)
            {
                page[index++] = TableEntry(Tables[level - 2]);
            }

            if (level < 4)
            {
                page[index++] = Leaf(level, isWritable: true, isExecutable: true);
                page[index++] = Leaf(level, isWritable: false, isExecutable: true);
                page[index++] = Leaf(level, isWritable: false, isExecutable: false);
            }

            page[index] = KvmEptHigh.Empty.Raw;
            Used.AddRange(Enumerable.Range(0, index + 1).Select(i => new Slot(level, i, page[i])));
            _pages.Add(Tables[level - 1], page);
        }
    }

    /// <summary>The root table's address.</summary>
    public static HostPhysicalAddress Root => new(Tables[3]);

    /// <summary>The entries that hold something, and one at each level that holds nothing.</summary>
    public List<Slot> Used { get; } = [];

    /// <summary>The tables, with <paramref name="entry"/> in the place of what is at <paramref name="slot"/>.</summary>
    public SparseMemory With(Slot slot, ulong entry)
    {
        var pages = new SparsePages();
        foreach ((ulong address, ulong[] page) in _pages)
        {
            ulong[] copy = [.. page];
            copy[slot.Index] = address == Tables[slot.Level - 1] ? entry : copy[slot.Index];
            pages.Add(new(address), copy);
        }

        return new SparseMemory(pages);
    }

    private static ulong TableEntry(ulong table)
    {
        EptEntry entry = new EptEntry(0)
            .WithRead(true).WithWrite(true).WithExecute(true).WithAccessed(true).WithAddress(new(table));
        return KvmEptHigh.WithMmuPresent(entry, true).Raw;
    }

    private static ulong Leaf(int level, bool isWritable, bool isExecutable)
    {
        EptEntry entry = new EptEntry(0)
            .WithRead(true).WithWrite(isWritable).WithExecute(isExecutable)
            .WithMemoryType(EptMemoryType.WB).WithIgnorePat(true)
            .WithPageSize(level > 1)
            .WithAccessed(true).WithDirty(isWritable)
            .WithAddress(new(Outputs[level - 1]));
        entry = KvmEptHigh.WithMmuPresent(entry, true);
        entry = KvmEptHigh.WithHostWritable(entry, true);
        return KvmEptHigh.WithMmuWritable(entry, isWritable).Raw;
    }

    /// <summary>A place of an entry.</summary>
    public readonly record struct Slot(int Level, int Index, ulong Entry)
    {
        /// <summary>The first address that goes through it; the tables lie below index 0 of each other.</summary>
        public ulong Address => (ulong)Index << (12 + (9 * (Level - 1)));
    }
}

using System.Runtime.CompilerServices;
using TdpHw.Formats;

namespace TdpHw.Core.Machines;

/// <summary>
/// The host's physical memory as far as it holds tables: 4-KiB pages of 512 entries, at any address, that several processors and
/// units read and change at once. An entry is read by one load and changed by one store or one compare-exchange.
/// </summary>
/// <remarks>
/// Pages stay readable once they were there: a freed page is still memory, and a walk that gets into it is one of the things that
/// the model is for. <see cref="IsTable"/> tells whether a page is a table now.
/// </remarks>
public sealed class HostMemory
{
    /// <summary>How many bytes a page has.</summary>
    public const int PageSize = 4096;

    /// <summary>How many entries a page has.</summary>
    public const int EntriesPerPage = 512;

    /// <summary>The widest physical address, in bits.</summary>
    public const int MaxAddressBits = 52;

    // A chunk holds the tables that have to lie in a row: a root of sixteen pages is the largest of any format. Small ones make a
    // memory with few tables cheap.
    private const int PageShift = 12;
    private const int ChunkShift = 16;
    private const int PagesPerChunk = 1 << (ChunkShift - PageShift);
    private const int IndexBits = (MaxAddressBits - ChunkShift) / 3;
    private const int IndexMask = (1 << IndexBits) - 1;

    private readonly Chunk?[]?[]?[] _regions = new Chunk?[]?[]?[1 << IndexBits];
    private readonly Lock _adding = new();
    private int _tables;

    /// <summary>A memory without tables.</summary>
    public HostMemory()
        : this(null)
    {
    }

    internal HostMemory(Interleaving? interleaving) => Interleaving = interleaving;

    /// <summary>How many pages are tables now.</summary>
    public int TableCount => Volatile.Read(ref _tables);

    /// <summary>What decides the order of steps; null for the operating system.</summary>
    internal Interleaving? Interleaving { get; }

    /// <summary>Makes the page at <paramref name="address"/> a table of zeros.</summary>
    /// <param name="address">The page's address, a multiple of 4096.</param>
    /// <exception cref="ArgumentOutOfRangeException">The address is wider than 52 bits or not that of a page.</exception>
    /// <exception cref="InvalidOperationException">The page is a table already.</exception>
    public void AddTable(HostPhysicalAddress address)
    {
        if (address.Value >> MaxAddressBits != 0 || address.Value % PageSize != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(address), $"{address} is not the address of a page below 2^52.");
        }

        // No step that others could meet: nothing leads to the page yet.
        lock (_adding)
        {
            Chunk chunk = ChunkAt(address);
            int page = PageIn(address);
            if (chunk.IsTable[page])
            {
                throw new InvalidOperationException($"the page at {address} is a table already.");
            }

            Array.Clear(chunk.Entries, page * EntriesPerPage, EntriesPerPage);
            chunk.IsTable[page] = true;
            _tables++;
        }
    }

    /// <summary>Gives a table's page back; what it holds stays readable.</summary>
    /// <exception cref="InvalidOperationException">The page is not a table.</exception>
    public void RemoveTable(HostPhysicalAddress address)
    {
        Interleaving?.Before(this, StatePart(address), writes: true);
        lock (_adding)
        {
            if (Find(address) is not { } chunk || !chunk.IsTable[PageIn(address)])
            {
                throw new InvalidOperationException($"the page at {address} is no table.");
            }

            Volatile.Write(ref chunk.IsTable[PageIn(address)], false);
            chunk.Owners[PageIn(address)] = null;
            _tables--;
        }
    }

    /// <summary>Whether the page that holds <paramref name="address"/> is a table now.</summary>
    public bool IsTable(HostPhysicalAddress address)
    {
        Interleaving?.Before(this, StatePart(address), writes: false);
        return Find(address) is { } chunk && Volatile.Read(ref chunk.IsTable[PageIn(address)]);
    }

    /// <summary>Reads an entry, once.</summary>
    /// <param name="address">The entry's address, a multiple of 8.</param>
    /// <param name="entry">The entry, or 0 where no page was ever a table.</param>
    /// <returns>Whether there was a page.</returns>
    public bool TryRead(HostPhysicalAddress address, out ulong entry)
    {
        if (address.Value % sizeof(ulong) != 0 || Find(address) is not { } chunk)
        {
            entry = 0;
            return false;
        }

        Interleaving?.Before(this, (long)address.Value, writes: false);
        entry = Volatile.Read(ref chunk.Entries[EntryIn(address)]);
        return true;
    }

    /// <summary>Writes an entry with one store.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No page is there, or the address is not that of an entry.</exception>
    public void Write(HostPhysicalAddress address, ulong entry)
    {
        ref ulong slot = ref Slot(address);
        Interleaving?.Before(this, (long)address.Value, writes: true);
        Volatile.Write(ref slot, entry);
    }

    /// <summary>Changes an entry if it still is what it was read as.</summary>
    /// <returns>Whether it was, and now is <paramref name="changed"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No page is there, or the address is not that of an entry.</exception>
    public bool TryChange(HostPhysicalAddress address, ulong expected, ulong changed)
    {
        ref ulong slot = ref Slot(address);
        Interleaving?.Before(this, (long)address.Value, writes: true);
        return Interlocked.CompareExchange(ref slot, changed, expected) == expected;
    }

    /// <summary>The entries of a table, for who keeps them at hand.</summary>
    /// <param name="address">The table's address; the page was made a table.</param>
    internal TableEntries EntriesOf(HostPhysicalAddress address) =>
        new(this, Find(address)!.Entries, address);

    /// <summary>What the software that wrote a table keeps about it; null when nobody said.</summary>
    internal object? OwnerOf(HostPhysicalAddress address)
    {
        Interleaving?.Before(this, StatePart(address), writes: false);
        return Find(address)?.Owners[PageIn(address)];
    }

    /// <summary>Says what the software that writes a table keeps about it, before anything leads to it.</summary>
    internal void SetOwner(HostPhysicalAddress address, object? owner) =>
        Volatile.Write(ref Find(address)!.Owners[PageIn(address)], owner);

    /// <summary>The entries of <paramref name="count"/> in place, when one page or more in a row were tables once.</summary>
    internal bool TryGetEntries(HostPhysicalAddress address, int count, out ReadOnlySpan<ulong> entries)
    {
        entries = default;
        if (address.Value % sizeof(ulong) != 0 || count <= 0 || Find(address) is not { } chunk
            || count > chunk.Entries.Length - EntryIn(address))
        {
            return false;
        }

        entries = new ReadOnlySpan<ulong>(chunk.Entries, EntryIn(address), count);
        return true;
    }

    /// <summary>Which of the entries that are kept together is at an address.</summary>
    internal static int EntryIn(long address) => (int)(address & ((1 << ChunkShift) - 1)) / sizeof(ulong);

    /// <summary>What is known of a page, apart from its entries, as a part that a step concerns: no entry has an odd address.</summary>
    private static long StatePart(HostPhysicalAddress address) => (long)(address.Value >> PageShift << PageShift) | 1;

    private static int PageIn(HostPhysicalAddress address) => (int)(address.Value >> PageShift) & (PagesPerChunk - 1);

    private static int EntryIn(HostPhysicalAddress address) => EntryIn((long)address.Value);

    private ref ulong Slot(HostPhysicalAddress address)
    {
        if (address.Value % sizeof(ulong) != 0 || Find(address) is not { } chunk)
        {
            throw new ArgumentOutOfRangeException(nameof(address), $"no entry of a table is at {address}.");
        }

        return ref chunk.Entries[EntryIn(address)];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Chunk? Find(HostPhysicalAddress address)
    {
        // Each is written after what it leads to, and what it leads to can't be read before it.
        ulong chunk = address.Value >> ChunkShift;
        ulong region = chunk >> (2 * IndexBits);
        return region < (ulong)_regions.Length
            && _regions[(int)region] is { } groups
            && groups[(int)(chunk >> IndexBits) & IndexMask] is { } chunks
            ? chunks[(int)chunk & IndexMask]
            : null;
    }

    private Chunk ChunkAt(HostPhysicalAddress address)
    {
        ulong chunk = address.Value >> ChunkShift;
        Chunk?[]?[] groups = At(_regions, (int)(chunk >> (2 * IndexBits)), () => new Chunk?[]?[1 << IndexBits]);
        Chunk?[] chunks = At(groups, (int)(chunk >> IndexBits) & IndexMask, () => new Chunk?[1 << IndexBits]);
        return At(chunks, (int)chunk & IndexMask, () => new Chunk());
    }

    private static T At<T>(T?[] items, int index, Func<T> create)
        where T : class
    {
        T item = items[index] ?? create();
        Volatile.Write(ref items[index], item);
        return item;
    }

    private sealed class Chunk
    {
        public readonly ulong[] Entries = new ulong[PagesPerChunk * EntriesPerPage];
        public readonly bool[] IsTable = new bool[PagesPerChunk];
        public readonly object?[] Owners = new object?[PagesPerChunk];
    }
}

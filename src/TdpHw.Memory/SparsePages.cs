using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>
/// A store of 4 KiB pages at arbitrary addresses, read through <see cref="SparseMemory"/>. Pages are added and then never
/// change or go, so that any number of threads may read while others add.
/// </summary>
public sealed class SparsePages
{
    private readonly PageCache _pages = new();
    private readonly Lock _adding = new();

    /// <summary>How many pages there are.</summary>
    public int PageCount => _pages.Index.Count;

    /// <summary>Adds a copy of one or more pages.</summary>
    /// <param name="address">The address of the first page, a multiple of 4096.</param>
    /// <param name="entries">The entries of whole pages, 512 each.</param>
    /// <exception cref="ArgumentException">
    /// The address is not a multiple of 4096, the entries do not fill one or more pages or pass the end of the 64-bit
    /// address space, or one of the pages is there already. Nothing is added then.
    /// </exception>
    public void Add(HostPhysicalAddress address, ReadOnlySpan<ulong> entries)
    {
        if (address.Value % Page.Size != 0)
        {
            throw new ArgumentException($"page address {address} is not a multiple of 4096.", nameof(address));
        }

        if (entries.IsEmpty || entries.Length % Page.EntryCount != 0)
        {
            throw new ArgumentException($"{entries.Length} entries are not whole pages of 512.", nameof(entries));
        }

        if ((ulong)entries.Length * sizeof(ulong) - 1 > ulong.MaxValue - address.Value)
        {
            throw new ArgumentException(
                $"{entries.Length} entries at {address} pass the end of the 64-bit address space.", nameof(entries));
        }

        ulong first = address.Value >> Page.Shift;
        int count = entries.Length / Page.EntryCount;
        lock (_adding)
        {
            for (int i = 0; i < count; i++)
            {
                if (_pages.Index.TryFind(first + (ulong)i, out _))
                {
                    var taken = new HostPhysicalAddress((first + (ulong)i) << Page.Shift);
                    throw new ArgumentException($"there is a page at {taken} already.", nameof(address));
                }
            }

            ArraySegment<ulong> storage = _pages.Arena.Take(count);
            entries.CopyTo(storage);
            for (int i = 0; i < count; i++)
            {
                _pages.Index.Add(first + (ulong)i, new Page(storage.Array!, storage.Offset + i * Page.EntryCount, present: null));
            }
        }
    }

    internal bool TryGetPage(ulong number, out Page page) => _pages.Index.TryFind(number, out page);

    internal bool TryJoin(SparseMemory memory, ulong address, int entryCount, out ReadOnlySpan<ulong> table) =>
        _pages.Joined.TryGet(memory, address, entryCount, out table);
}

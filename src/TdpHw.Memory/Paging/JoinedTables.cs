using System.Collections.Concurrent;

namespace TdpHw.Memory;

/// <summary>
/// Tables larger than a page. Where their pages follow each other in storage, the table is given in place; elsewhere a
/// copy is made once and kept, which is sound because the content of a page never changes.
/// </summary>
internal sealed class JoinedTables
{
    private readonly ConcurrentDictionary<(ulong Address, int EntryCount), ulong[]> _copies = new();
    private long _pageCount;

    public long PageCount => Interlocked.Read(ref _pageCount);

    public bool TryGet<TSource>(TSource source, ulong address, int entryCount, out ReadOnlySpan<ulong> table)
        where TSource : struct, IPageSource
    {
        table = default;
        if (entryCount <= 0 || address % sizeof(ulong) != 0
            || (ulong)entryCount * sizeof(ulong) - 1 > ulong.MaxValue - address)
        {
            return false;
        }

        if (_copies.TryGetValue((address, entryCount), out ulong[]? copy))
        {
            table = copy;
            return true;
        }

        ulong firstPage = address >> Page.Shift;
        ulong lastPage = (address + (ulong)entryCount * sizeof(ulong) - 1) >> Page.Shift;
        int start = (int)(address % Page.Size) / sizeof(ulong);

        // A list that grows: a count from a hostile root must not allocate before its pages are known to be there.
        List<Page> pages = [];
        bool inPlace = true;
        int left = entryCount;
        for (ulong number = firstPage; number <= lastPage; number++)
        {
            int first = number == firstPage ? start : 0;
            int count = Math.Min(left, Page.EntryCount - first);
            if (!source.TryGetPage(number, out Page page) || !page.Covers(first, count))
            {
                return false;
            }

            inPlace = inPlace && (pages.Count == 0
                || (page.Storage == pages[^1].Storage && page.Offset == pages[^1].Offset + Page.EntryCount));
            pages.Add(page);
            left -= count;
        }

        table = inPlace
            ? new ReadOnlySpan<ulong>(pages[0].Storage, pages[0].Offset + start, entryCount)
            : Copy(pages, address, start, entryCount);
        return true;
    }

    private ulong[] Copy(List<Page> pages, ulong address, int start, int entryCount)
    {
        ulong[] copy = new ulong[entryCount];
        int done = 0;
        foreach (Page page in pages)
        {
            int first = done == 0 ? start : 0;
            int count = Math.Min(entryCount - done, Page.EntryCount - first);
            page.Storage.AsSpan(page.Offset + first, count).CopyTo(copy.AsSpan(done));
            done += count;
        }

        // Of two threads that copy at once, both use the one that came first.
        if (_copies.TryAdd((address, entryCount), copy))
        {
            Interlocked.Add(ref _pageCount, pages.Count);
            return copy;
        }

        return _copies[(address, entryCount)];
    }
}

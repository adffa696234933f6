using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>
/// Physical memory of which only some 4 KiB pages are known: those of a <see cref="SparsePages"/>. The default value has
/// nothing in memory.
/// </summary>
public readonly struct SparseMemory : IPhysicalMemory, IPageSource
{
    private readonly SparsePages? _pages;

    /// <summary>Reads from <paramref name="pages"/>, including those added later.</summary>
    /// <param name="pages">The pages.</param>
    public SparseMemory(SparsePages pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        _pages = pages;
    }

    /// <inheritdoc/>
    public bool TryReadEntry(HostPhysicalAddress address, out ulong entry) =>
        PageReader.TryReadEntry(this, address, out entry);

    /// <inheritdoc/>
    public bool TryGetTable(HostPhysicalAddress address, int entryCount, out ReadOnlySpan<ulong> table) =>
        PageReader.TryGetTable(this, address, entryCount, out table);

    bool IPageSource.TryGetPage(ulong number, out Page page)
    {
        page = default;
        return _pages is not null && _pages.TryGetPage(number, out page);
    }

    bool IPageSource.TryJoin(ulong address, int entryCount, out ReadOnlySpan<ulong> table)
    {
        table = default;
        return _pages is not null && _pages.TryJoin(this, address, entryCount, out table);
    }
}

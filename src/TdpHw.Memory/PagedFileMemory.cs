using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>
/// Physical memory that lies in a raw file and is read on demand. The default value has nothing in memory.
/// </summary>
public readonly struct PagedFileMemory : IPhysicalMemory, IPageSource
{
    private readonly PagedFile? _file;

    /// <summary>Reads from <paramref name="file"/>.</summary>
    /// <param name="file">The file, which stays the caller's to dispose of.</param>
    public PagedFileMemory(PagedFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
    }

    /// <inheritdoc cref="PagedFile.ReadError"/>
    public string? ReadError => _file?.ReadError;

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public bool TryReadEntry(HostPhysicalAddress address, out ulong entry) =>
        PageReader.TryReadEntry(this, address, out entry);

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public bool TryGetTable(HostPhysicalAddress address, int entryCount, out ReadOnlySpan<ulong> table) =>
        PageReader.TryGetTable(this, address, entryCount, out table);

    bool IPageSource.TryGetPage(ulong number, out Page page)
    {
        page = default;
        return _file is not null && _file.TryGetPage(number, out page);
    }

    bool IPageSource.TryJoin(ulong address, int entryCount, out ReadOnlySpan<ulong> table)
    {
        table = default;
        return _file is not null && _file.TryJoin(this, address, entryCount, out table);
    }
}

using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>
/// Physical memory in a raw file, such as a dump. It names neither format, parameters nor roots. Pages are read on demand:
/// see <see cref="PagedFile"/> for the memory this takes.
/// </summary>
public sealed class RawImage : TableImage
{
    private readonly PagedFile _file;

    private RawImage(string path, PagedFile file)
        : base(path, formatId: null, parameters: [], roots: [])
    {
        _file = file;
    }

    /// <summary>The bytes of the file.</summary>
    public PagedFileMemory Memory => new(_file);

    /// <inheritdoc/>
    public override string? ReadError => _file.ReadError;

    /// <summary>Opens a regular file. An empty one is fine: nothing is in memory then.</summary>
    /// <param name="path">The file.</param>
    /// <param name="start">The address of the file's first byte, a multiple of 8; used when there are no segments.</param>
    /// <param name="segments">
    /// Which bytes of the file are which memory; null or empty when the whole file is one range. They may reach past the
    /// file's end: that part is not in memory.
    /// </param>
    /// <returns>The image, which holds the file open.</returns>
    /// <exception cref="ImageException">There is no such file, it is not a regular one, or it can't be opened.</exception>
    /// <exception cref="ArgumentException">
    /// A segment or <paramref name="start"/> is not a multiple of 8, passes the end of the 64-bit address space or of
    /// possible file offsets, is empty, or two segments overlap.
    /// </exception>
    public static RawImage Open(string path, HostPhysicalAddress start = default, IReadOnlyList<MemorySegment>? segments = null) =>
        new(path, PagedFile.Open(path, start, segments));

    /// <inheritdoc/>
    public override TResult Accept<TResult>(IImageVisitor<TResult> visitor)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        return visitor.Visit(Memory);
    }

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();
}

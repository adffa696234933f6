using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>
/// A raw file of which pages are read when they are first asked for, read through <see cref="PagedFileMemory"/>. Nothing is
/// mapped, so a file that is truncated meanwhile is no danger: what can't be read any more is not in memory.
/// </summary>
/// <remarks>
/// Any number of threads may read at once; they wait for each other only where a page is read from the file. Pages are
/// kept up to a bound, 256 MiB unless told otherwise; then all are forgotten and read again as needed. A span that was
/// handed out keeps the storage it lies in (up to 1 MiB) and stays as it was. A page is read once while it is kept: later
/// changes of the file are seen only after that.
/// </remarks>
public sealed class PagedFile : IDisposable
{
    /// <summary>How many bytes of pages are kept unless told otherwise: 256 MiB.</summary>
    public const long DefaultCacheBytes = 256L << 20;

    private const long SmallestCacheBytes = 1L << 20;

    private readonly SafeFileHandle _file;
    private readonly SegmentMap _segments;
    private readonly long _maxPages;
    private readonly Lock _loading = new();
    private readonly ulong[] _scratch = new ulong[Page.EntryCount];
    private PageCache _cache = new();
    private string? _readError;

    private PagedFile(SafeFileHandle file, SegmentMap segments, long cacheBytes)
    {
        _file = file;
        _segments = segments;
        _maxPages = cacheBytes / Page.Size;
    }

    /// <summary>
    /// What the system said when reading first failed, or null when it never did. A file that is too short is not a
    /// failure. The places that could not be read are not in memory.
    /// </summary>
    public string? ReadError => Volatile.Read(ref _readError);

    /// <summary>Opens a regular file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="start">The address of the file's first byte, a multiple of 8; used when there are no segments.</param>
    /// <param name="segments">
    /// Which bytes of the file are which memory; null or empty when the whole file is one range. They may reach past the
    /// file's end: that part is not in memory.
    /// </param>
    /// <param name="cacheBytes">How many bytes of pages to keep, at least 1 MiB.</param>
    /// <returns>The opened file.</returns>
    /// <exception cref="ImageException">There is no such file, it is not a regular one, or it can't be opened.</exception>
    /// <exception cref="ArgumentException">
    /// A segment or <paramref name="start"/> is not a multiple of 8, passes the end of the 64-bit address space or of
    /// possible file offsets, is empty, or two segments overlap.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="cacheBytes"/> is below 1 MiB.</exception>
    public static PagedFile Open(
        string path,
        HostPhysicalAddress start = default,
        IReadOnlyList<MemorySegment>? segments = null,
        long cacheBytes = DefaultCacheBytes)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(cacheBytes, SmallestCacheBytes);
        SafeFileHandle file = RegularFile.Open(path);
        try
        {
            long length = RegularFile.LengthOf(file, path);
            if (segments is null or [])
            {
                segments = length == 0 ? [] : [new MemorySegment(start, FileOffset: 0, (ulong)length)];
            }

            return new PagedFile(file, new SegmentMap(segments), cacheBytes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file. A page that is not kept can't be read after that.</summary>
    public void Dispose() => _file.Dispose();

    internal bool TryGetPage(ulong number, out Page page) =>
        Volatile.Read(ref _cache).Index.TryFind(number, out page) || TryLoad(number, out page);

    internal bool TryJoin(PagedFileMemory memory, ulong address, int entryCount, out ReadOnlySpan<ulong> table) =>
        Volatile.Read(ref _cache).Joined.TryGet(memory, address, entryCount, out table);

    private bool TryLoad(ulong number, out Page page)
    {
        ReadOnlySpan<MemorySegment> segments = _segments.Within(number);
        if (segments.IsEmpty)
        {
            page = default;
            return false;
        }

        lock (_loading)
        {
            if (_cache.Index.TryFind(number, out page))
            {
                return true;
            }

            if (_cache.PageCount >= _maxPages)
            {
                Volatile.Write(ref _cache, new PageCache());
            }

            page = Read(number, segments);
            _cache.Index.Add(number, page);
            return true;
        }
    }

    private Page Read(ulong number, ReadOnlySpan<MemorySegment> segments)
    {
        Array.Clear(_scratch);
        ulong[] present = new ulong[Page.EntryCount / 64];
        ulong pageFirst = number << Page.Shift;
        ulong pageLast = pageFirst + (Page.Size - 1);
        int total = 0;
        foreach (MemorySegment segment in segments)
        {
            ulong first = Math.Max(pageFirst, segment.Start.Value);
            ulong last = Math.Min(pageLast, SegmentMap.Last(segment));
            int index = (int)(first - pageFirst) / sizeof(ulong);
            int wanted = (int)(last - first + 1) / sizeof(ulong);
            int got = ReadEntries(
                _scratch.AsSpan(index, wanted), segment.FileOffset + (long)(first - segment.Start.Value));
            for (int i = index; i < index + got; i++)
            {
                present[i / 64] |= 1UL << (i % 64);
            }

            total += got;
        }

        if (total == 0)
        {
            return Page.Absent;
        }

        ArraySegment<ulong> storage = _cache.Arena.Take(1);
        _scratch.CopyTo(storage.AsSpan());
        return new Page(storage.Array!, storage.Offset, total == Page.EntryCount ? null : present);
    }

    private int ReadEntries(Span<ulong> entries, long offset)
    {
        try
        {
            int got = RegularFile.ReadAt(_file, MemoryMarshal.AsBytes(entries), offset) / sizeof(ulong);
            if (!BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.ReverseEndianness(entries, entries);
            }

            return got;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _readError ??= e.Message;
            return 0;
        }
    }
}

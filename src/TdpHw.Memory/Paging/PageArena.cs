using System.Runtime.InteropServices;

namespace TdpHw.Memory;

/// <summary>
/// Hands out page-aligned storage from chunks of up to 1 MiB, so that a page costs no object of its own. Nothing is given
/// back: a chunk lives as long as the arena or a span into it. The caller excludes concurrent use.
/// </summary>
internal sealed class PageArena
{
    private const int SmallestChunk = 16;
    private const int LargestChunk = 256;

    private ulong[] _chunk = [];
    private int _next;
    private int _free;
    private int _chunkPages = SmallestChunk / 2;

    /// <summary>Storage for <paramref name="pages"/> pages in a row, with undefined content.</summary>
    public ArraySegment<ulong> Take(int pages)
    {
        if (pages > _free)
        {
            _chunkPages = Math.Min(_chunkPages * 2, LargestChunk);
            StartChunk(Math.Max(pages, _chunkPages));
        }

        var taken = new ArraySegment<ulong>(_chunk, _next, pages * Page.EntryCount);
        _next += pages * Page.EntryCount;
        _free -= pages;
        return taken;
    }

    private void StartChunk(int pages)
    {
        // Pinned, because an alignment holds only while the array stays where it is.
        _chunk = GC.AllocateUninitializedArray<ulong>(checked((pages + 1) * Page.EntryCount), pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(_chunk, 0);
        _next = (int)(-address & (Page.Size - 1)) / sizeof(ulong);
        _free = pages;
    }
}

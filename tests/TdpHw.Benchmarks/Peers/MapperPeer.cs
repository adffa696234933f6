using System.Runtime.InteropServices;

namespace TdpHw.Benchmarks.Peers;

/// <summary>Mapping and unmapping in C: <c>mapper.c</c>.</summary>
internal sealed unsafe class MapperPeer(nint library)
{
    private readonly delegate* unmanaged<void*, ulong, ulong, ulong, byte> _map =
        (delegate* unmanaged<void*, ulong, ulong, ulong, byte>)NativeLibrary.GetExport(library, "map_pages");

    private readonly delegate* unmanaged<void*, ulong, ulong, ulong> _unmap =
        (delegate* unmanaged<void*, ulong, ulong, ulong>)NativeLibrary.GetExport(library, "unmap_pages");

    private readonly delegate* unmanaged<void*, ulong, ulong> _frameOf =
        (delegate* unmanaged<void*, ulong, ulong>)NativeLibrary.GetExport(library, "frame_of");

    private readonly void* _root = ((delegate* unmanaged<void*>)NativeLibrary.GetExport(library, "new_root"))();

    /// <summary>Maps 4K pages one behind the other.</summary>
    public bool Map(ulong gfn, ulong frame, ulong count) => _map(_root, gfn, frame, count) != 0;

    /// <summary>Unmaps the pages of a range.</summary>
    /// <returns>How many there were.</returns>
    public ulong Unmap(ulong first, ulong last) => _unmap(_root, first, last);

    /// <summary>Where a page is mapped to; all ones for nowhere.</summary>
    public ulong FrameOf(ulong gfn) => _frameOf(_root, gfn);
}

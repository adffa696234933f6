using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

/// <summary>A flush as an importer is told of it, in bytes. (Series, patch 08.)</summary>
/// <param name="Start">The first address.</param>
/// <param name="Size">How many bytes; with <paramref name="Start"/> 0 and all bits set, the whole table.</param>
/// <param name="FreesTables">
/// Whether a table page was taken out, so that caches of upper levels must go too. The posted interface has no word for it.
/// </param>
public readonly record struct TdpFlush(ulong Start, ulong Size, bool FreesTables)
{
    /// <summary>A flush of the whole table.</summary>
    public static TdpFlush All => new(0, ulong.MaxValue, FreesTables: true);

    /// <summary>Whether it is a flush of the whole table.</summary>
    public bool IsAll => Start == 0 && Size == ulong.MaxValue;

    /// <summary>A flush of guest frames; (0, all bits set) is the whole table.</summary>
    public static TdpFlush OfFrames(ulong gfn, ulong count, bool freesTables) => gfn == 0 && count > ulong.MaxValue / HostMemory.PageSize
        ? All
        : new TdpFlush(gfn * HostMemory.PageSize, count * HostMemory.PageSize, freesTables);
}

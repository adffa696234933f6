using System.Runtime.InteropServices;

namespace TdpHw.Benchmarks.Peers;

/// <summary>Scanners of whole trees of one format in C: <c>scanner.c</c>.</summary>
internal sealed unsafe class ScannerPeer(nint library)
{
    private readonly delegate* unmanaged<PeerMemory*, PeerCounts*, void> _classify =
        (delegate* unmanaged<PeerMemory*, PeerCounts*, void>)NativeLibrary.GetExport(library, "classify");

    private readonly delegate* unmanaged<PeerMemory*, ulong> _audit =
        (delegate* unmanaged<PeerMemory*, ulong>)NativeLibrary.GetExport(library, "audit");

    private readonly delegate* unmanaged<PeerMemory*, PeerRanges*, void> _ranges =
        (delegate* unmanaged<PeerMemory*, PeerRanges*, void>)NativeLibrary.GetExport(library, "ranges");

    /// <summary>Counts what the entries of the whole tree are.</summary>
    public PeerCounts Classify(PeerMemory memory)
    {
        PeerCounts counts;
        _classify(&memory, &counts);
        return counts;
    }

    /// <summary>Counts the entries that the format and that of its importer judge differently.</summary>
    public ulong Audit(PeerMemory memory) => _audit(&memory);

    /// <summary>Merges the leaves of the whole tree into ranges.</summary>
    public PeerRanges Ranges(PeerMemory memory)
    {
        PeerRanges ranges;
        _ranges(&memory, &ranges);
        return ranges;
    }
}

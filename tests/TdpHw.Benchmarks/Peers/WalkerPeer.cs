using System.Runtime.InteropServices;

namespace TdpHw.Benchmarks.Peers;

/// <summary>A walker of one format in C, plain and interleaved: <c>walker.c</c>.</summary>
internal sealed unsafe class WalkerPeer(nint library)
{
    private readonly delegate* unmanaged<PeerMemory*, ulong*, ulong, PeerResult*, void> _plain =
        (delegate* unmanaged<PeerMemory*, ulong*, ulong, PeerResult*, void>)NativeLibrary.GetExport(library, "walk_plain");

    private readonly delegate* unmanaged<PeerMemory*, ulong*, ulong, PeerResult*, void> _interleaved =
        (delegate* unmanaged<PeerMemory*, ulong*, ulong, PeerResult*, void>)NativeLibrary.GetExport(library, "walk_interleaved");

    private readonly delegate* unmanaged<PeerMemory*, ulong*, ulong, ulong> _chain =
        (delegate* unmanaged<PeerMemory*, ulong*, ulong, ulong>)NativeLibrary.GetExport(library, "walk_chain");

    /// <summary>One single call after the other.</summary>
    public void WalkPlain(PeerMemory memory, ReadOnlySpan<ulong> addresses, Span<PeerResult> results)
    {
        fixed (ulong* first = addresses)
        fixed (PeerResult* answers = results)
        {
            _plain(&memory, first, (ulong)addresses.Length, answers);
        }
    }

    /// <summary>The best batch that we know how to write in C.</summary>
    public void WalkInterleaved(PeerMemory memory, ReadOnlySpan<ulong> addresses, Span<PeerResult> results)
    {
        fixed (ulong* first = addresses)
        fixed (PeerResult* answers = results)
        {
            _interleaved(&memory, first, (ulong)addresses.Length, answers);
        }
    }

    /// <summary>Single calls of which each waits for the answer of the one before.</summary>
    /// <returns>The sum of the outputs.</returns>
    public ulong WalkChain(PeerMemory memory, ReadOnlySpan<ulong> addresses)
    {
        fixed (ulong* first = addresses)
        {
            return _chain(&memory, first, (ulong)addresses.Length);
        }
    }
}

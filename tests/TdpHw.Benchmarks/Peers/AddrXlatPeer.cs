using System.Runtime.InteropServices;

namespace TdpHw.Benchmarks.Peers;

/// <summary>libkdumpfile's addrxlat: <c>addrxlat.c</c>.</summary>
internal sealed unsafe class AddrXlatPeer(nint library)
{
    private readonly delegate* unmanaged<PeerMemory*, ulong*, ulong, ulong*, byte> _translate =
        (delegate* unmanaged<PeerMemory*, ulong*, ulong, ulong*, byte>)NativeLibrary.GetExport(library, "translate");

    /// <summary>Translates each address; one that is not mapped becomes all ones.</summary>
    public void Translate(PeerMemory memory, ReadOnlySpan<ulong> addresses, Span<ulong> outputs)
    {
        fixed (ulong* first = addresses)
        fixed (ulong* answers = outputs)
        {
            if (_translate(&memory, first, (ulong)addresses.Length, answers) == 0)
            {
                throw new InvalidOperationException("addrxlat has no memory.");
            }
        }
    }
}

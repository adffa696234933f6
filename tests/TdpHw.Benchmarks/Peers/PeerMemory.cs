using System.Runtime.InteropServices;

namespace TdpHw.Benchmarks.Peers;

/// <summary>The tables as C takes them: <c>struct memory</c> of <c>peer.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PeerMemory
{
    public ulong* Bytes;
    public ulong Base;
    public ulong Size;
    public ulong Root;
}

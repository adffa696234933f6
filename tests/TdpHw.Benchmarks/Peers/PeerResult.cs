using System.Runtime.InteropServices;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Peers;

/// <summary>The answer of a walk in C: <c>struct result</c> of <c>peer.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PeerResult
{
    public ulong Entry;
    public ulong Slot;
    public ulong Output;
    public WalkOutcome Outcome;
    public byte Level;
    public Rights Rights;
    public byte Shift;
}

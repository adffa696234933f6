using System.Runtime.InteropServices;

namespace TdpHw.Benchmarks.Peers;

/// <summary>What was merged in C: <c>struct ranges</c> of <c>scanner.c</c>; the last range stands behind the sums.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PeerRanges
{
    public ulong Count;
    public ulong Leaves;
    public ulong Checksum;
    public ulong Address;
    public ulong Output;
    public ulong Size;
    public byte Rights;
    public byte MemoryType;
}

using System.Runtime.InteropServices;

namespace TdpHw.Benchmarks.Peers;

/// <summary>What the entries of a tree are, counted in C: <c>struct counts</c> of <c>scanner.c</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct PeerCounts(ulong Present, ulong Leaves, ulong Violations, ulong Accessed, ulong Dirty);

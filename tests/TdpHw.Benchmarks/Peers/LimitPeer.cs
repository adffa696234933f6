using System.Runtime.InteropServices;

namespace TdpHw.Benchmarks.Peers;

/// <summary>What no reader of the same bytes can be faster than: <c>limits.c</c>.</summary>
internal sealed unsafe class LimitPeer(nint library)
{
    private readonly delegate* unmanaged<ulong*, ulong, ulong> _linearRead =
        (delegate* unmanaged<ulong*, ulong, ulong>)NativeLibrary.GetExport(library, "linear_read");

    private readonly delegate* unmanaged<ulong*, ulong*, ulong, ulong> _randomLoads =
        (delegate* unmanaged<ulong*, ulong*, ulong, ulong>)NativeLibrary.GetExport(library, "random_loads");

    /// <summary>Reads all of <paramref name="count"/> entries once, in vectors.</summary>
    public ulong LinearRead(ulong* entries, long count) => _linearRead(entries, (ulong)count);

    /// <summary>Loads the entries of which <paramref name="indices"/> are given, without waiting from one to the next.</summary>
    public ulong RandomLoads(ulong* entries, ReadOnlySpan<ulong> indices)
    {
        fixed (ulong* first = indices)
        {
            return _randomLoads(entries, first, (ulong)indices.Length);
        }
    }
}

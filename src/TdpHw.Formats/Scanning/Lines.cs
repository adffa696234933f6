using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>Lines of memory: what a processor fetches at a time.</summary>
internal static class Lines
{
    /// <summary>How many entries a line has.</summary>
    public const int EntriesPerLine = 8;

    /// <summary>Has the processor fetch the line of an entry before it is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Fetch(ref readonly ulong entry)
    {
        if (Sse.IsSupported)
        {
            // A collection that moves the entry makes the hint useless, not wrong.
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in entry)));
        }
    }
}

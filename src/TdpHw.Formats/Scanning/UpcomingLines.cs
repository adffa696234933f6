using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>
/// The lines a little ahead of a scan that goes through tables in the order of memory, beyond the end of each table in the next one.
/// </summary>
internal struct UpcomingLines : IUpcoming
{
    // Enough for the time that memory takes, and still there when it is read.
    private const int BytesAhead = 1024;
    private const int BytesPerLine = Lines.EntriesPerLine * sizeof(ulong);

    // Where the table ends that is gone through, and how far behind that the next one starts.
    private nuint _tableEnd;
    private nuint _gap;

    /// <summary>Says which table is gone through now.</summary>
    /// <param name="table">Its entries.</param>
    /// <param name="place">Where it lies.</param>
    /// <param name="next">Where the next one lies. That it is as far away in this process is a guess.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void GoTo(ReadOnlySpan<ulong> table, ulong place, ulong next)
    {
        // An address that is never read through: a collection that moves the table makes it useless, not wrong.
        _tableEnd = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(table)) + ((nuint)table.Length * sizeof(ulong));
        _gap = (nuint)(next - place) - ((nuint)table.Length * sizeof(ulong));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly unsafe void Pass(ref readonly ulong first, int entries)
    {
        if (!Sse.IsSupported || Vector512.IsHardwareAccelerated)
        {
            // With a line in each vector, what a processor looks ahead by itself is as many lines as memory can bring.
            return;
        }

        nuint ahead = (nuint)Unsafe.AsPointer(ref Unsafe.AsRef(in first)) + BytesAhead;
        ahead += ahead >= _tableEnd ? _gap : 0;
        FetchTwo(ahead);
        FetchTwo(ahead + (2 * BytesPerLine));
        FetchTwo(ahead + (4 * BytesPerLine));
        FetchTwo(ahead + (6 * BytesPerLine));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void FetchTwo(nuint address)
    {
        Sse.Prefetch0((void*)address);
        Sse.Prefetch0((void*)(address + BytesPerLine));
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>
/// Reads both marks of sixteen entries from a byte of each: half the work of reading them lane by lane, of which moving a bit of each
/// lane to a register is the slowest part.
/// </summary>
internal readonly struct PackedMarks : IEntryMarks<PackedMarks, EntryLanes256>
{
    private const int ByteBits = 8;

    // The low half of each entry of two vectors.
    private const byte LowHalves = 0x88;

    private readonly Vector256<int> _both;
    private readonly Vector128<short> _toByte;
    private readonly Vector128<short> _toAccessed;
    private readonly Vector128<short> _toDirty;

    private PackedMarks(int both, int lowest, int accessed, int dirty)
    {
        _both = Vector256.Create(both);
        _toByte = Vector128.CreateScalar((long)lowest).AsInt16();
        _toAccessed = Vector128.CreateScalar((long)(lowest + ByteBits - 1 - accessed)).AsInt16();
        _toDirty = Vector128.CreateScalar((long)(lowest + ByteBits - 1 - dirty)).AsInt16();
    }

    /// <summary>Whether two marks stand so that they can be read.</summary>
    public static bool CanRead(ulong accessed, ulong dirty)
    {
        ulong both = accessed | dirty;
        return Avx2.IsSupported
            && both <= ushort.MaxValue
            && both >> BitOperations.TrailingZeroCount(both) <= byte.MaxValue;
    }

    /// <inheritdoc/>
    public static PackedMarks Of(ulong accessed, ulong dirty)
    {
        ulong both = accessed | dirty;
        return new PackedMarks(
            (int)both,
            BitOperations.TrailingZeroCount(both),
            BitOperations.TrailingZeroCount(accessed == 0 ? both : accessed),
            BitOperations.TrailingZeroCount(dirty == 0 ? both : dirty));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        in PackedMarks marks,
        EntryLanes256 entries0,
        EntryLanes256 entries1,
        EntryLanes256 entries2,
        EntryLanes256 entries3,
        out ulong used,
        out ulong written)
    {
        Vector256<int> halves0 = Avx.Shuffle(entries0.Vector.AsSingle(), entries1.Vector.AsSingle(), LowHalves).AsInt32();
        Vector256<int> halves1 = Avx.Shuffle(entries2.Vector.AsSingle(), entries3.Vector.AsSingle(), LowHalves).AsInt32();
        Vector256<ushort> words = Avx2.PackUnsignedSaturate(halves0 & marks._both, halves1 & marks._both);

        // Of each vector the lower part has the first two entries, and the upper part the others.
        Vector128<int> lower = words.GetLower().AsInt32();
        Vector128<int> upper = words.GetUpper().AsInt32();
        Vector128<short> bytes = Sse2.PackUnsignedSaturate(
            Sse2.ShiftRightLogical(Sse2.UnpackLow(lower, upper).AsInt16(), marks._toByte),
            Sse2.ShiftRightLogical(Sse2.UnpackHigh(lower, upper).AsInt16(), marks._toByte)).AsInt16();
        used = (uint)Sse2.MoveMask(Sse2.ShiftLeftLogical(bytes, marks._toAccessed).AsByte());
        written = (uint)Sse2.MoveMask(Sse2.ShiftLeftLogical(bytes, marks._toDirty).AsByte());
    }
}

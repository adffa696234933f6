using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>Four entries side by side.</summary>
internal readonly struct EntryLanes256(Vector256<ulong> lanes) : IEntryLanes<EntryLanes256>
{
    // What the first is, or where the second differs from the third.
    private const byte OrOfXor = 0xf6;

    private readonly Vector256<ulong> _lanes = lanes;

    /// <summary>All of them.</summary>
    public Vector256<ulong> Vector => _lanes;

    /// <inheritdoc/>
    public static int Count => Vector256<ulong>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes256 All(ulong value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes256 Load(ref readonly ulong source) => new(Vector256.LoadUnsafe(in source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes256 Ramp(ulong first, ulong step) =>
        new(Vector256.Create(first, first + step, first + (2 * step), first + (3 * step)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes256 operator +(EntryLanes256 left, EntryLanes256 right) => new(left._lanes + right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero(EntryLanes256 value) => value._lanes == Vector256<ulong>.Zero;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes256 operator &(EntryLanes256 left, EntryLanes256 right) => new(left._lanes & right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes256 operator |(EntryLanes256 left, EntryLanes256 right) => new(left._lanes | right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes256 operator ^(EntryLanes256 left, EntryLanes256 right) => new(left._lanes ^ right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes256 operator ~(EntryLanes256 value) => new(~value._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LanesWith(EntryLanes256 value, int toTop) =>
        (value._lanes << toTop).ExtractMostSignificantBits();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes256 WithDifference(EntryLanes256 known, EntryLanes256 left, EntryLanes256 right) => new(
        Avx512F.VL.IsSupported
            ? Avx512F.VL.TernaryLogic(known._lanes, left._lanes, right._lanes, OrOfXor)
            : known._lanes | (left._lanes ^ right._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes256 WhereEqual(EntryLanes256 left, EntryLanes256 right) =>
        new(Vector256.Equals(left._lanes, right._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong HighestBits(EntryLanes256 value) => value._lanes.ExtractMostSignificantBits();
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>Two entries side by side.</summary>
internal readonly struct EntryLanes128(Vector128<ulong> lanes) : IEntryLanes<EntryLanes128>
{
    // What the first is, or where the second differs from the third.
    private const byte OrOfXor = 0xf6;

    private readonly Vector128<ulong> _lanes = lanes;

    /// <inheritdoc/>
    public static int Count => Vector128<ulong>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes128 All(ulong value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes128 Load(ref readonly ulong source) => new(Vector128.LoadUnsafe(in source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes128 Ramp(ulong first, ulong step) => new(Vector128.Create(first, first + step));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes128 operator +(EntryLanes128 left, EntryLanes128 right) => new(left._lanes + right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero(EntryLanes128 value) => value._lanes == Vector128<ulong>.Zero;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes128 operator &(EntryLanes128 left, EntryLanes128 right) => new(left._lanes & right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes128 operator |(EntryLanes128 left, EntryLanes128 right) => new(left._lanes | right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes128 operator ^(EntryLanes128 left, EntryLanes128 right) => new(left._lanes ^ right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes128 operator ~(EntryLanes128 value) => new(~value._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LanesWith(EntryLanes128 value, int toTop) =>
        (value._lanes << toTop).ExtractMostSignificantBits();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes128 WithDifference(EntryLanes128 known, EntryLanes128 left, EntryLanes128 right) => new(
        Avx512F.VL.IsSupported
            ? Avx512F.VL.TernaryLogic(known._lanes, left._lanes, right._lanes, OrOfXor)
            : known._lanes | (left._lanes ^ right._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes128 WhereEqual(EntryLanes128 left, EntryLanes128 right) =>
        new(Vector128.Equals(left._lanes, right._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong HighestBits(EntryLanes128 value) => value._lanes.ExtractMostSignificantBits();
}

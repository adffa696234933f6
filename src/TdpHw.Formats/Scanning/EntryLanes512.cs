using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>Eight entries side by side.</summary>
internal readonly struct EntryLanes512(Vector512<ulong> lanes) : IEntryLanes<EntryLanes512>
{
    // What the first is, or where the second differs from the third.
    private const byte OrOfXor = 0xf6;

    private readonly Vector512<ulong> _lanes = lanes;

    /// <inheritdoc/>
    public static int Count => Vector512<ulong>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes512 All(ulong value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes512 Load(ref readonly ulong source) => new(Vector512.LoadUnsafe(in source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes512 Ramp(ulong first, ulong step) =>
        new(Vector512.Create(
            first,
            first + step,
            first + (2 * step),
            first + (3 * step),
            first + (4 * step),
            first + (5 * step),
            first + (6 * step),
            first + (7 * step)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes512 operator +(EntryLanes512 left, EntryLanes512 right) => new(left._lanes + right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero(EntryLanes512 value) => value._lanes == Vector512<ulong>.Zero;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes512 operator &(EntryLanes512 left, EntryLanes512 right) => new(left._lanes & right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes512 operator |(EntryLanes512 left, EntryLanes512 right) => new(left._lanes | right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes512 operator ^(EntryLanes512 left, EntryLanes512 right) => new(left._lanes ^ right._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes512 operator ~(EntryLanes512 value) => new(~value._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LanesWith(EntryLanes512 value, int toTop) =>
        (value._lanes << toTop).ExtractMostSignificantBits();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes512 WithDifference(EntryLanes512 known, EntryLanes512 left, EntryLanes512 right) => new(
        Avx512F.IsSupported
            ? Avx512F.TernaryLogic(known._lanes, left._lanes, right._lanes, OrOfXor)
            : known._lanes | (left._lanes ^ right._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes512 WhereEqual(EntryLanes512 left, EntryLanes512 right) =>
        new(Vector512.Equals(left._lanes, right._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong HighestBits(EntryLanes512 value) => value._lanes.ExtractMostSignificantBits();
}

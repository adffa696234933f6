using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>A single entry: the scalar twin of the vector widths, and what is left over at a table's end.</summary>
internal readonly struct EntryLanes64(ulong lane) : IEntryLanes<EntryLanes64>
{
    private readonly ulong _lane = lane;

    /// <inheritdoc/>
    public static int Count => 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes64 All(ulong value) => new(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes64 Load(ref readonly ulong source) => new(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes64 Ramp(ulong first, ulong step) => new(first);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes64 operator +(EntryLanes64 left, EntryLanes64 right) => new(left._lane + right._lane);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero(EntryLanes64 value) => value._lane == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes64 operator &(EntryLanes64 left, EntryLanes64 right) => new(left._lane & right._lane);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes64 operator |(EntryLanes64 left, EntryLanes64 right) => new(left._lane | right._lane);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes64 operator ^(EntryLanes64 left, EntryLanes64 right) => new(left._lane ^ right._lane);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes64 operator ~(EntryLanes64 value) => new(~value._lane);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LanesWith(EntryLanes64 value, int toTop) => value._lane << toTop >> 63;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes64 WithDifference(EntryLanes64 known, EntryLanes64 left, EntryLanes64 right) =>
        new(known._lane | (left._lane ^ right._lane));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryLanes64 WhereEqual(EntryLanes64 left, EntryLanes64 right) =>
        new(left._lane == right._lane ? ulong.MaxValue : 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong HighestBits(EntryLanes64 value) => value._lane >> 63;
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>Reads each mark lane by lane, wherever it stands in an entry.</summary>
/// <typeparam name="TLanes">How many entries there are side by side.</typeparam>
internal readonly struct LaneMarks<TLanes> : IEntryMarks<LaneMarks<TLanes>, TLanes>
    where TLanes : struct, IEntryLanes<TLanes>
{
    private readonly int _toAccessed;
    private readonly int _toDirty;

    private LaneMarks(int toAccessed, int toDirty)
    {
        _toAccessed = toAccessed;
        _toDirty = toDirty;
    }

    /// <inheritdoc/>
    public static LaneMarks<TLanes> Of(ulong accessed, ulong dirty) =>
        new(BitOperations.LeadingZeroCount(accessed), BitOperations.LeadingZeroCount(dirty));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        in LaneMarks<TLanes> marks,
        TLanes entries0,
        TLanes entries1,
        TLanes entries2,
        TLanes entries3,
        out ulong used,
        out ulong written)
    {
        used = LanesWith(entries0, entries1, entries2, entries3, marks._toAccessed);
        written = LanesWith(entries0, entries1, entries2, entries3, marks._toDirty);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LanesWith(TLanes entries0, TLanes entries1, TLanes entries2, TLanes entries3, int toTop) =>
        TLanes.LanesWith(entries0, toTop)
        | TLanes.LanesWith(entries1, toTop) << TLanes.Count
        | TLanes.LanesWith(entries2, toTop) << (2 * TLanes.Count)
        | TLanes.LanesWith(entries3, toTop) << (3 * TLanes.Count);
}

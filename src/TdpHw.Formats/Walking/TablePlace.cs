using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TdpHw.Formats;

/// <summary>
/// How an index of a snapshot says in 32 bits where a lowest table is and what the path to it grants: the rights in the lowest bits,
/// above them which table it is, counted from an address that the whole index reaches from. A path that grants nothing has no place,
/// which leaves 0 for what is not known.
/// </summary>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
internal static class TablePlace<TFormat>
    where TFormat : struct, IPageTableFormat<TFormat>
{
    private const int RightsBits = 5;
    private const int FrameBits = 32 - RightsBits;
    private const ulong RightsMask = (1ul << RightsBits) - 1;

    // A table has 2 to the power of IndexBits entries of 8 bytes.
    private static int TableShift => TFormat.IndexBits + 3;

    /// <summary>Where to count from so that a table is in the middle of all that a place can name.</summary>
    public static ulong ReachAround(HostPhysicalAddress table)
    {
        ulong half = 1ul << (FrameBits - 1 + TableShift);
        return table.Value < half ? 0 : (table.Value - half) & (ulong.MaxValue << TableShift);
    }

    /// <summary>The place of a table.</summary>
    /// <param name="table">Where it is.</param>
    /// <param name="reach">Where places are counted from.</param>
    /// <param name="rights">What the path to it grants.</param>
    /// <returns>0 when no place can name it.</returns>
    public static uint Of(HostPhysicalAddress table, ulong reach, Rights rights)
    {
        // What lies below the reach or between two tables becomes more than any number of tables.
        ulong frame = BitOperations.RotateRight(table.Value - reach, TableShift);
        return rights != Rights.None && frame < 1ul << FrameBits ? ((uint)frame << RightsBits) | (uint)rights : 0;
    }

    /// <summary>What the path to a place grants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rights RightsAt(ulong place) => (Rights)(place & RightsMask);

    /// <summary>Whether the paths to four places all grant the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllGrant(Vector256<ulong> places, Vector256<ulong> rights) =>
        (places & Vector256.Create(RightsMask)) == rights;

    /// <summary>The table at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong TableAt(ulong place, ulong reach) => reach + (place >> RightsBits << TableShift);

    /// <summary>The tables at four places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> TablesAt(Vector256<ulong> places, Vector256<ulong> reach) =>
        reach + (places >> RightsBits << TableShift);
}

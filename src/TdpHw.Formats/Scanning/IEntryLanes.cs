namespace TdpHw.Formats;

/// <summary>
/// Some entries side by side: one for each lane of a vector register, or a single one where there is no vector. The scan is
/// written once over this, and a test can force each width in one process.
/// </summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
internal interface IEntryLanes<TSelf>
    where TSelf : struct, IEntryLanes<TSelf>
{
    /// <summary>How many entries there are side by side.</summary>
    static abstract int Count { get; }

    /// <summary>The same value in all lanes.</summary>
    static abstract TSelf All(ulong value);

    /// <summary>Reads <see cref="Count"/> entries from <paramref name="source"/> on.</summary>
    static abstract TSelf Load(ref readonly ulong source);

    /// <summary><paramref name="first"/> in the first lane and <paramref name="step"/> more in each further one.</summary>
    static abstract TSelf Ramp(ulong first, ulong step);

    /// <summary>Sums of the lanes, without what goes beyond 64 bits.</summary>
    static abstract TSelf operator +(TSelf left, TSelf right);

    /// <summary>Whether no bit is set in any lane.</summary>
    static abstract bool IsZero(TSelf value);

    /// <summary>Bits set in both.</summary>
    static abstract TSelf operator &(TSelf left, TSelf right);

    /// <summary>Bits set in either.</summary>
    static abstract TSelf operator |(TSelf left, TSelf right);

    /// <summary>Bits set in one of them.</summary>
    static abstract TSelf operator ^(TSelf left, TSelf right);

    /// <summary>Bits turned over.</summary>
    static abstract TSelf operator ~(TSelf value);

    /// <summary>A bit for each lane that has a bit set, that of the first lane lowest.</summary>
    /// <param name="value">The lanes.</param>
    /// <param name="toTop">How far the bit is from the highest one: moved there it needs no compare.</param>
    static abstract ulong LanesWith(TSelf value, int toTop);

    /// <summary>The bits of <paramref name="known"/> and those in which the others differ: one instruction where there is one.</summary>
    static abstract TSelf WithDifference(TSelf known, TSelf left, TSelf right);

    /// <summary>All bits of the lanes in which both are equal.</summary>
    static abstract TSelf WhereEqual(TSelf left, TSelf right);

    /// <summary>The highest bit of each lane, that of the first lane lowest.</summary>
    static abstract ulong HighestBits(TSelf value);
}

using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>Entries of a table as a cursor hands them over, to be gone through many at a time.</summary>
/// <param name="level">Their level.</param>
/// <param name="entries">The entries; what is said of one is to come from one read of it.</param>
/// <param name="place">Where the first entry lies.</param>
/// <param name="address">The first address that goes through them.</param>
/// <param name="rights">The rights along the path above.</param>
/// <param name="isWhole">Whether these are all entries of the table.</param>
internal ref struct TablePart(
    int level, ReadOnlySpan<ulong> entries, ulong place, ulong address, Rights rights, bool isWhole)
{
    /// <summary>Their level.</summary>
    public int Level { get; private set; } = level;

    /// <summary>The entries; what is said of one is to come from one read of it.</summary>
    public ReadOnlySpan<ulong> Entries { get; private set; } = entries;

    /// <summary>Where the first entry lies.</summary>
    public ulong Place { get; private set; } = place;

    /// <summary>The first address that goes through them.</summary>
    public ulong Address { get; private set; } = address;

    /// <summary>The rights along the path above.</summary>
    public Rights Rights { get; private set; } = rights;

    /// <summary>Whether these are all entries of the table.</summary>
    public bool IsWhole { get; private set; } = isWhole;

    /// <summary>Makes these others, in place: a copy would be read with wider loads than it was just written with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int level, ReadOnlySpan<ulong> entries, ulong place, ulong address, Rights rights, bool isWhole)
    {
        Level = level;
        Entries = entries;
        Place = place;
        Address = address;
        Rights = rights;
        IsWhole = isWhole;
    }

    /// <summary>How many entries from <paramref name="start"/> on look as they have to.</summary>
    public readonly int CountAlike<TUpcoming>(int start, int limit, in EntryPattern pattern, ref TUpcoming upcoming)
        where TUpcoming : struct, IUpcoming => EntryRun.Count(
            Entries.Slice(start, Math.Min(limit, Entries.Length - start)), in pattern, ref upcoming);
}

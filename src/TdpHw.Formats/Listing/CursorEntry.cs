namespace TdpHw.Formats;

/// <summary>An entry that a cursor stands at.</summary>
/// <param name="Address">The first address that goes through the entry.</param>
/// <param name="Level">The entry's level.</param>
/// <param name="Kind">What the entry is.</param>
/// <param name="Reach">For a table entry, whether the cursor can go down.</param>
/// <param name="Rights">
/// The rights along the path, this entry's included for a leaf or a table; none for an entry that does not translate. Of a leaf
/// without a right that every access needs, no right to access is left.
/// </param>
/// <param name="Entry">The entry.</param>
/// <param name="EntryAddress">Where it lies.</param>
/// <param name="Output">The page or table it points to; 0 for an entry that does not translate.</param>
/// <param name="PageShift">
/// The entry spans 2 to this power bytes of addresses; one that stands in several slots is shown once and spans them all.
/// </param>
public readonly record struct CursorEntry(
    InputAddress Address,
    int Level,
    EntryKind Kind,
    TableReach Reach,
    Rights Rights,
    ulong Entry,
    HostPhysicalAddress EntryAddress,
    HostPhysicalAddress Output,
    int PageShift)
{
    /// <summary>How many bytes of addresses go through the entry.</summary>
    public ulong Size => 1ul << PageShift;
}

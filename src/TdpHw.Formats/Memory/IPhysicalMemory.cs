namespace TdpHw.Formats;

/// <summary>
/// Where a walk reads page-table entries from. Implementations are structs, so that a walk is compiled for each of
/// them without an indirect call; one that needs state wraps a reference to it.
/// </summary>
/// <remarks>
/// An address that is not backed is an answer (<see langword="false"/>), never an exception: tables from a crash dump or
/// a hostile guest point anywhere.
/// </remarks>
public interface IPhysicalMemory
{
    /// <summary>Reads the 64-bit little-endian entry at <paramref name="address"/>, once.</summary>
    /// <param name="address">The entry's address, a multiple of 8.</param>
    /// <param name="entry">The entry, or 0 when it is not in memory.</param>
    /// <returns><see langword="true"/> when all 8 bytes were in memory.</returns>
    bool TryReadEntry(HostPhysicalAddress address, out ulong entry);

    /// <summary>Gives a table in place, without copying it.</summary>
    /// <param name="address">The table's address, a multiple of the table's size.</param>
    /// <param name="entryCount">How many 8-byte entries the table has.</param>
    /// <param name="table">
    /// The entries. They stay readable as long as the memory does; those of a live memory may change between two reads.
    /// </param>
    /// <returns><see langword="true"/> when the whole table was in memory.</returns>
    bool TryGetTable(HostPhysicalAddress address, int entryCount, out ReadOnlySpan<ulong> table);
}

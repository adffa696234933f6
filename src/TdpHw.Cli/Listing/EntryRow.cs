using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>A row of a listing of entries.</summary>
/// <param name="Root">The root table's address.</param>
/// <param name="Entry">The entry.</param>
/// <param name="MemoryType">The memory type in force; null for none.</param>
/// <param name="Kind">What the hardware takes the entry for, in the listing's word.</param>
/// <param name="Software">What the software means by an entry that does not translate; null for nothing known.</param>
internal readonly record struct EntryRow(
    ulong Root, CursorEntry Entry, string? MemoryType, string Kind, string? Software)
{
    /// <summary>Whether the entry translates, so that it has an output and rights.</summary>
    public bool Translates => Entry.Kind == EntryKind.Leaf;
}

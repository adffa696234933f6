using System.Collections.Immutable;

namespace TdpHw.Formats;

/// <summary>All that can be said of one entry at one level.</summary>
public sealed record DecodedEntry
{
    /// <summary>The entry.</summary>
    public required ulong Raw { get; init; }

    /// <summary>The level that it was read at.</summary>
    public required int Level { get; init; }

    /// <summary>What it is.</summary>
    public required EntryKind Kind { get; init; }

    /// <summary>The layout that it was read with.</summary>
    public required EntryLayout Layout { get; init; }

    /// <summary>The fields in force, in the order of the definition.</summary>
    public required ImmutableArray<DecodedField> Fields { get; init; }

    /// <summary>The page or next table; null when the entry is not present.</summary>
    public required HostPhysicalAddress? Output { get; init; }

    /// <summary>How many bytes a leaf maps; null for anything else.</summary>
    public required ulong? PageSize { get; init; }

    /// <summary>
    /// What the entry grants by itself; none when it is not present. Of a table entry, without the rights that only leaves judge.
    /// </summary>
    public required Rights Rights { get; init; }

    /// <summary>The memory type that a leaf holds; null when none is in force.</summary>
    public required int? MemoryType { get; init; }

    /// <summary>The bits of this entry that are set and reserved.</summary>
    public required ulong ReservedBits { get; init; }

    /// <summary>The bits of this entry that are set, should be zero and do not fault.</summary>
    public required ulong Res0Bits { get; init; }

    /// <summary>The refused combinations that the entry holds, in the order of the definition.</summary>
    public required ImmutableArray<IllegalRuleDescription> Illegal { get; init; }

    /// <summary>Whether the hardware takes the entry for present.</summary>
    public bool IsPresent => Layout != EntryLayout.NotPresent;

    /// <summary>Whether the entry has the layout of a leaf, well formed or not.</summary>
    public bool IsLeaf => Layout == EntryLayout.Leaf;
}

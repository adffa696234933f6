namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>All that can be said of an entry at a level, by the interpreter or by what is held against it.</summary>
internal sealed record EntryReading
{
    /// <summary>How the entry was read.</summary>
    public required EntryLayout Layout { get; init; }

    /// <summary>The verdict; a set reserved bit is named before a refused combination.</summary>
    public required EntryKind Kind { get; init; }

    /// <summary>
    /// The fields that an entry of this layout has under these capabilities, except the address; one that is switched off
    /// is absent.
    /// </summary>
    public required IReadOnlyList<FieldReading> Fields { get; init; }

    /// <summary>Where the page or the next table lies; null for an entry that is not present.</summary>
    public required ulong? OutputAddress { get; init; }

    /// <summary>How many bytes a leaf maps; null for all but leaves.</summary>
    public required ulong? PageSize { get; init; }

    /// <summary>The level of the table that a table entry leads to; null for all else.</summary>
    public int? NextLevel { get; init; }

    /// <summary>What the entry grants by itself, as a walk takes it; none when it is not present.</summary>
    public required Rights Rights { get; init; }

    /// <summary>The same without the rights that only leaves judge, of a table entry.</summary>
    public required Rights OwnRights { get; init; }

    /// <summary>The memory type that a leaf holds; null when none is in force.</summary>
    public required int? MemoryType { get; init; }

    /// <summary>Whether the hardware has marked the entry as used; null where it marks none.</summary>
    public required bool? Accessed { get; init; }

    /// <summary>Whether the hardware has marked the page as written; null where it marks none.</summary>
    public required bool? Dirty { get; init; }

    /// <summary>The reserved bits that are set.</summary>
    public required ulong ReservedBits { get; init; }

    /// <summary>The set bits that should be zero and do not fault.</summary>
    public required ulong Res0Bits { get; init; }

    /// <summary>The refused combinations that it holds, in the order of the definition.</summary>
    public required IReadOnlyList<string> Illegal { get; init; }

    /// <summary>Whether the entry is present, well formed or not.</summary>
    public bool Present => Layout != EntryLayout.NotPresent;

    /// <summary>Whether the entry maps a page, well formed or not.</summary>
    public bool Leaf => Layout == EntryLayout.Leaf;

    /// <summary>A field's value, or null when the entry has no such field.</summary>
    public ulong? this[string symbol] => Fields.FirstOrDefault(field => field.Symbol == symbol)?.Value;
}

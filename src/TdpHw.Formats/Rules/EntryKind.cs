namespace TdpHw.Formats;

/// <summary>What an entry at a level is, before any access is judged.</summary>
public enum EntryKind : byte
{
    /// <summary>The entry is not present: all its other bits are free.</summary>
    NotPresent,

    /// <summary>The entry is well formed and points to the next table.</summary>
    Table,

    /// <summary>The entry is well formed and maps a page.</summary>
    Leaf,

    /// <summary>The entry is present and has a reserved bit set.</summary>
    ReservedBitSet,

    /// <summary>The entry is present, has no reserved bit set, but holds a combination that the format refuses.</summary>
    IllegalEncoding,
}

namespace TdpHw.Formats;

/// <summary>Which layout an entry is read with.</summary>
[Flags]
public enum EntryLayout : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A present entry that points to a table.</summary>
    Table = 1,

    /// <summary>A present entry that maps a page.</summary>
    Leaf = 2,

    /// <summary>An entry that is not present.</summary>
    NotPresent = 4,

    /// <summary>
    /// A present entry that asks for a page size which the hardware lacks. Its fields are those of a table entry; the
    /// reserved bits are those of a leaf, and the bits that asked are reserved too.
    /// </summary>
    RefusedLeaf = 8,

    /// <summary>All layouts of a present entry.</summary>
    Present = Table | Leaf | RefusedLeaf,
}

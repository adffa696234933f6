namespace TdpHw.Formats;

/// <summary>Whether a cursor can go down from a table entry.</summary>
public enum TableReach : byte
{
    /// <summary>The entry points to no table.</summary>
    NoTable,

    /// <summary>The next table is read next, unless it was found before to hold nothing that is wanted.</summary>
    Readable,

    /// <summary>The next table is not in memory.</summary>
    NotInMemory,

    /// <summary>The next table is already on the path to this entry.</summary>
    Cycle,
}

namespace TdpHw.Formats;

/// <summary>What a field is to generic code.</summary>
public enum FieldRole : byte
{
    /// <summary>Nothing that generic code needs to know.</summary>
    None,

    /// <summary>The address of the page or of the next table.</summary>
    Address,

    /// <summary>More bits of the address, away from the others.</summary>
    AddressHigh,

    /// <summary>Set by the hardware when the entry is used.</summary>
    Accessed,

    /// <summary>Set by the hardware when the page is written.</summary>
    Dirty,

    /// <summary>The memory type of the page.</summary>
    MemoryType,

    /// <summary>The level of the table that the entry leads to.</summary>
    NextLevel,
}

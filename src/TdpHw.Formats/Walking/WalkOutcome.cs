namespace TdpHw.Formats;

/// <summary>How a walk ended.</summary>
public enum WalkOutcome : byte
{
    /// <summary>A leaf was reached and grants what the access needs.</summary>
    Mapped,

    /// <summary>An entry on the path is not present, or leads past the address: it skips levels whose address bits are not zero.</summary>
    NotPresent,

    /// <summary>An entry on the path is present and has a reserved bit set.</summary>
    ReservedBitSet,

    /// <summary>An entry on the path holds a combination that the format refuses.</summary>
    IllegalEncoding,

    /// <summary>The path does not grant what the access needs.</summary>
    PermissionDenied,

    /// <summary>The address is wider than the root translates; nothing was read.</summary>
    AddressTooWide,

    /// <summary>An entry's address is not backed by the memory that was given.</summary>
    NotInMemory,
}

namespace TdpHw.Cli.Describing;

/// <summary>What the bits of a cell are, as far as a picture tells it by its looks.</summary>
internal enum CellKind
{
    /// <summary>A field.</summary>
    Field,

    /// <summary>Must be zero; an entry that has one set is refused.</summary>
    Reserved,

    /// <summary>Should be zero; nothing is refused.</summary>
    Res0,

    /// <summary>Free for software.</summary>
    Ignored,
}

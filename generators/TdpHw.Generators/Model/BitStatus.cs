namespace TdpHw.Generators.Model;

/// <summary>What a bit is to the hardware.</summary>
internal enum BitStatus
{
    Field,
    Reserved,
    Res0,
    Ignored,

    /// <summary>Bits of an address that make the entry illegal; no other rule can have this status.</summary>
    Illegal,
}

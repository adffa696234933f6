namespace TdpHw.Generators.Model;

/// <summary>What a bit is to the hardware.</summary>
internal enum BitStatus
{
    Field,
    Reserved,
    Res0,
    Ignored,
}

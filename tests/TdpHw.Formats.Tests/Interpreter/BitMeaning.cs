namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>What one bit is, at one level, in one layout, under given capabilities.</summary>
internal enum BitMeaning
{
    /// <summary>Part of a field other than the address.</summary>
    Field,

    /// <summary>Part of the address.</summary>
    Address,

    /// <summary>Part of the address field that this page has no use for: a set bit makes the entry illegal.</summary>
    Unaligned,

    /// <summary>Must be zero: a set bit faults.</summary>
    Reserved,

    /// <summary>Should be zero: a set bit does not fault.</summary>
    Res0,

    /// <summary>Not looked at by the hardware.</summary>
    Ignored,
}

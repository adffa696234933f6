namespace TdpHw.Formats;

/// <summary>What a bit that is no field is to the hardware.</summary>
public enum BitStatus : byte
{
    /// <summary>Must be zero: a set bit faults.</summary>
    Reserved,

    /// <summary>Should be zero: a set bit does not fault.</summary>
    Res0,

    /// <summary>The hardware does not look at it: free for software.</summary>
    Ignored,
}

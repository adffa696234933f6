namespace TdpHw.Formats.Tests.Generated;

/// <summary>The ways in which one address can be translated; all give the same answers.</summary>
internal enum WalkWay
{
    /// <summary>The walk that the format's generated code unrolls.</summary>
    Emitted,

    /// <summary>The loop over levels that serves every format.</summary>
    Generic,

    /// <summary>A batch, of this one address.</summary>
    Batch,
}

namespace TdpHw.Cli.Checking;

/// <summary>A width that nothing told.</summary>
/// <param name="Capability">The capability that it is the value of.</param>
/// <param name="Bits">The value that was assumed.</param>
internal sealed record AssumedWidth(string Capability, int Bits);

namespace TdpHw.Cli.Overview;

/// <summary>How many entries of one kind and meaning there are that hold something and do not translate.</summary>
/// <param name="Kind">What the hardware takes them for.</param>
/// <param name="Software">What the software means by them; null for nothing known.</param>
/// <param name="Count">How many.</param>
internal sealed record SpecialCount(string Kind, string? Software, long Count);

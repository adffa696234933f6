namespace TdpHw.Generators.Parsing;

/// <summary>A key of a map and what its value looks like.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">What its value looks like.</param>
/// <param name="IsRequired">Whether it must be there.</param>
/// <param name="IsInheritable">Whether a base may have it instead.</param>
internal sealed record KeyShape(string Name, ValueShape Value, bool IsRequired, bool IsInheritable = false);

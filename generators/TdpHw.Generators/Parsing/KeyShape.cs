namespace TdpHw.Generators.Parsing;

/// <summary>A key of a map and what its value looks like.</summary>
internal sealed record KeyShape(string Name, ValueShape Value, bool IsRequired);

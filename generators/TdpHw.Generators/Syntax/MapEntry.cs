namespace TdpHw.Generators.Syntax;

/// <summary>A key with its value.</summary>
internal sealed record MapEntry(ScalarNode Key, Node Value);

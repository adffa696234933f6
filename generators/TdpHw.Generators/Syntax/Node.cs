namespace TdpHw.Generators.Syntax;

/// <summary>A piece of a definition with its place: YAML reduced to the three shapes that definitions use.</summary>
internal abstract record Node(SourceSpan Span);

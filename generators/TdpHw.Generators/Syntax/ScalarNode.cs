namespace TdpHw.Generators.Syntax;

/// <summary>A word, number or text.</summary>
internal sealed record ScalarNode(string Text, SourceSpan Span) : Node(Span);

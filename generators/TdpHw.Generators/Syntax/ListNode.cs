using TdpHw.Generators.Model;

namespace TdpHw.Generators.Syntax;

/// <summary>A list.</summary>
internal sealed record ListNode(EquatableArray<Node> Items, SourceSpan Span) : Node(Span);

using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TdpHw.Generators.Parsing;

/// <summary>Turns YAML text into a tree of ours and refuses the parts of YAML that definitions do not use.</summary>
internal sealed class YamlTreeReader(DiagnosticBag diagnostics)
{
    private const int MaxDepth = 16;

    /// <summary>The tree of the only document, or null with a diagnostic.</summary>
    public Node? Read(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new MergingParser(new Parser(new StringReader(text)), diagnostics));
        }
        catch (YamlException exception)
        {
            string reason = exception.InnerException?.Message ?? exception.Message;
            diagnostics.Add(DiagnosticCatalog.MalformedYaml, SpanOf(exception.Start, exception.End), Sentence(reason));
            return null;
        }

        if (stream.Documents.Count == 0)
        {
            diagnostics.Add(DiagnosticCatalog.NoDefinition, default(SourceSpan));
            return null;
        }

        if (stream.Documents.Count > 1)
        {
            diagnostics.Add(
                DiagnosticCatalog.UnsupportedYaml,
                SpanOf(stream.Documents[1].RootNode),
                "A second document starts here; a file holds one definition");
            return null;
        }

        return Convert(stream.Documents[0].RootNode, 0);
    }

    private Node? Convert(YamlNode node, int depth)
    {
        SourceSpan span = SpanOf(node);
        if (depth > MaxDepth)
        {
            diagnostics.Add(DiagnosticCatalog.UnsupportedYaml, span, $"Nested deeper than {MaxDepth} levels");
            return null;
        }

        switch (node)
        {
            case YamlScalarNode scalar:
                return new ScalarNode(scalar.Value ?? "", span);
            case YamlSequenceNode sequence:
                return new ListNode(
                    sequence.Children.Select(c => Convert(c, depth + 1)).OfType<Node>().ToEquatableArray(), span);
            case YamlMappingNode mapping:
                var entries = new List<MapEntry>();
                foreach (KeyValuePair<YamlNode, YamlNode> child in mapping.Children)
                {
                    if (child.Key is not YamlScalarNode)
                    {
                        diagnostics.Add(DiagnosticCatalog.UnsupportedYaml, SpanOf(child.Key), "A key is a word here, not a list or map");
                    }
                    else if (Convert(child.Value, depth + 1) is Node value)
                    {
                        entries.Add(new MapEntry((ScalarNode)Convert(child.Key, depth + 1)!, value));
                    }
                }

                return new MapNode(entries.ToEquatableArray(), span);
            default:
                return null;
        }
    }

    private static SourceSpan SpanOf(YamlNode node) => node is YamlScalarNode
        ? SpanOf(node.Start, node.End)
        : SpanOf(node.Start, node.Start);

    private static SourceSpan SpanOf(Mark start, Mark end)
    {
        // A mark behind a multi-line scalar or of a whole mapping says little: point at the first line only.
        bool isOneLine = end.Line == start.Line && end.Column >= start.Column;
        int line = Math.Max(0, (int)start.Line - 1);
        int column = Math.Max(0, (int)start.Column - 1);
        int length = isOneLine ? (int)(end.Column - start.Column) : 0;
        return new SourceSpan((int)start.Index, length, line, column, line, column + length);
    }

    private static string Sentence(string reason) =>
        reason.Replace("\r", "").Replace('\n', ' ').TrimEnd('.');

    /// <summary>Passes events on, and reports aliases, anchors, tags and merge keys where they stand.</summary>
    private sealed class MergingParser(IParser inner, DiagnosticBag diagnostics) : IParser
    {
        public YamlDotNet.Core.Events.ParsingEvent? Current => inner.Current;

        public bool MoveNext()
        {
            bool moved = inner.MoveNext();
            switch (inner.Current)
            {
                case YamlDotNet.Core.Events.AnchorAlias alias:
                    throw new YamlException(alias.Start, alias.End, $"Aliases (*{alias.Value}) are not used in definitions; write the value out");
                case YamlDotNet.Core.Events.Scalar { Value: "<<", IsKey: true } merge:
                    throw new YamlException(merge.Start, merge.End, "Merge keys (<<) are not used in definitions; write the keys out");
                case YamlDotNet.Core.Events.NodeEvent node when !node.Anchor.IsEmpty:
                    diagnostics.Add(DiagnosticCatalog.UnsupportedYaml, SpanOf(node.Start, node.End), $"Anchor '&{node.Anchor}'");
                    break;
                case YamlDotNet.Core.Events.NodeEvent node when !node.Tag.IsEmpty:
                    diagnostics.Add(DiagnosticCatalog.UnsupportedYaml, SpanOf(node.Start, node.End), $"Tag '{node.Tag}'");
                    break;
            }

            return moved;
        }
    }
}

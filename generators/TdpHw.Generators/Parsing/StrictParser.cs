using TdpHw.Generators.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TdpHw.Generators.Parsing;

/// <summary>
/// Passes events on, and reports what definitions do not use: anchors and tags where they stand; aliases, merge keys and deep
/// nesting, which end the reading, before anything follows them.
/// </summary>
internal sealed class StrictParser(IParser inner, DiagnosticBag diagnostics) : IParser
{
    private const int MaxDepth = 16;
    private const string WriteOut = "write the value out instead";

    private int _depth;

    public ParsingEvent? Current => inner.Current;

    /// <summary>How far the text was read.</summary>
    public Mark Reached { get; private set; } = Mark.Empty;

    public bool MoveNext()
    {
        bool moved = inner.MoveNext();
        if (inner.Current is not ParsingEvent current)
        {
            return moved;
        }

        Reached = current.End;
        _depth += current is MappingStart or SequenceStart ? 1 : current is MappingEnd or SequenceEnd ? -1 : 0;
        switch (current)
        {
            case AnchorAlias alias:
                throw new UnsupportedYamlException(alias.Start, alias.End, $"Alias '*{alias.Value}'", WriteOut);
            case Scalar { Value: "<<", IsKey: true } merge:
                throw new UnsupportedYamlException(merge.Start, merge.End, "Merge key '<<'", "write the keys out instead");
            case MappingStart or SequenceStart when _depth > MaxDepth:
                throw new UnsupportedYamlException(
                    current.Start, current.Start, $"Nested deeper than {MaxDepth} levels", "no definition needs that");
            case NodeEvent node when !node.Anchor.IsEmpty:
                diagnostics.Add(
                    DiagnosticCatalog.UnsupportedYaml, YamlTreeReader.SpanOf(node.Start, node.End), $"Anchor '&{node.Anchor}'", WriteOut);
                break;
            case NodeEvent node when !node.Tag.IsEmpty:
                diagnostics.Add(
                    DiagnosticCatalog.UnsupportedYaml, YamlTreeReader.SpanOf(node.Start, node.End), $"Tag '{node.Tag}'", WriteOut);
                break;
        }

        return moved;
    }
}

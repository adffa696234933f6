using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TdpHw.Generators.Parsing;

/// <summary>Turns YAML text into a tree of ours and refuses the parts of YAML that definitions do not use.</summary>
internal sealed class YamlTreeReader(DiagnosticBag diagnostics)
{
    /// <summary>The tree of the only document, or null with a diagnostic.</summary>
    public Node? Read(string text)
    {
        var stream = new YamlStream();
        var parser = new StrictParser(new Parser(new StringReader(text)), diagnostics);
        try
        {
            stream.Load(parser);
        }
        catch (UnsupportedYamlException exception)
        {
            diagnostics.Add(
                DiagnosticCatalog.UnsupportedYaml, SpanOf(exception.Start, exception.End), exception.Message, exception.Cure);
            return null;
        }
        catch (YamlException exception)
        {
            string reason = exception.InnerException?.Message ?? exception.Message;

            // The parser tells of a tab where the map around it starts, which was read long before.
            SourceSpan span = exception is SyntaxErrorException && exception.Start.Index < parser.Reached.Index
                ? After(text, parser.Reached)
                : SpanOf(exception.Start, exception.End);
            diagnostics.Add(DiagnosticCatalog.MalformedYaml, Within(text, span), Sentence(reason));
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // The parser fails like this where brackets do not match.
            diagnostics.Add(
                DiagnosticCatalog.MalformedYaml,
                After(text, parser.Reached),
                "What follows here is not well-formed; is a bracket, brace or quote not closed?");
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
                "A second document starts here",
                "a file holds one definition");
            return null;
        }

        return Convert(stream.Documents[0].RootNode);
    }

    private Node? Convert(YamlNode node)
    {
        SourceSpan span = SpanOf(node);
        switch (node)
        {
            case YamlScalarNode scalar:
                return new ScalarNode(OneLine(scalar.Value ?? ""), span);
            case YamlSequenceNode sequence:
                return new ListNode(
                    sequence.Children.Select(Convert).OfType<Node>().ToEquatableArray(), span);
            case YamlMappingNode mapping:
                var entries = new List<MapEntry>();
                foreach (KeyValuePair<YamlNode, YamlNode> child in mapping.Children)
                {
                    if (child.Key is not YamlScalarNode)
                    {
                        diagnostics.Add(
                            DiagnosticCatalog.UnsupportedYaml, SpanOf(child.Key), "This key is a list or map", "a key is a word here");
                    }
                    else if (Convert(child.Value) is Node value)
                    {
                        entries.Add(new MapEntry((ScalarNode)Convert(child.Key)!, value));
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

    /// <summary>From one mark to the other.</summary>
    public static SourceSpan SpanOf(Mark start, Mark end)
    {
        // A mark behind a multi-line scalar or of a whole mapping says little: point at the first line only.
        bool isOneLine = end.Line == start.Line && end.Column >= start.Column;
        int line = Math.Max(0, (int)start.Line - 1);
        int column = Math.Max(0, (int)start.Column - 1);
        int length = isOneLine ? (int)(end.Column - start.Column) : 0;
        return new SourceSpan((int)start.Index, length, line, column, line, column + length);
    }

    /// <summary>All text ends up in comments and literals of one line.</summary>
    private static string OneLine(string text) => text.Any(EndsLine)
        ? string.Concat(text.Select(c => EndsLine(c) ? ' ' : c)).Trim()
        : text;

    private static bool EndsLine(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';

    /// <summary>The first character behind a mark that is more than a separator.</summary>
    private static SourceSpan After(string text, Mark mark)
    {
        int at = (int)mark.Index;
        int line = (int)mark.Line - 1;
        int column = (int)mark.Column - 1;
        for (; at < text.Length && (text[at] is ' ' or '\r' or '\n' or ':' or ','); at++)
        {
            (line, column) = text[at] == '\n' ? (line + 1, 0) : (line, column + 1);
        }

        return new SourceSpan(at, 0, line, column, line, column);
    }

    /// <summary>The span, or the end of the text, which the parser believes to have one line more.</summary>
    private static SourceSpan Within(string text, SourceSpan span)
    {
        if (span.Start < text.Length)
        {
            return span;
        }

        int line = text.Count(c => c == '\n');
        int column = text.Length - (text.LastIndexOf('\n') + 1);
        return new SourceSpan(text.Length, 0, line, column, line, column);
    }

    private static string Sentence(string reason) =>
        reason.Replace("\r", "").Replace('\n', ' ').TrimEnd('.');
}

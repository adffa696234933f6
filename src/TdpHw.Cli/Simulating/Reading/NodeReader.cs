using System.Globalization;
using TdpHw.Cli.Input;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>Reads the items of a list in YAML, and refuses the parts of YAML that no scenario needs.</summary>
/// <param name="piece">The list's text.</param>
internal sealed class NodeReader(ScenarioPiece piece)
{
    private const int MaxDepth = 8;
    private const string Unbalanced = "what stands here is not well-formed; is a bracket, brace or quote not closed?";

    private readonly Parser _parser = new(new StringReader(piece.Text));
    private readonly int _end = piece.Text.AsSpan().TrimEnd('\n').Length;
    private Mark _reached = Mark.Empty;
    private int _depth;

    /// <summary>Reads the items one by one.</summary>
    /// <exception cref="InputException">The text is malformed, or no list.</exception>
    public IEnumerable<ScenarioNode> Read()
    {
        Next();
        ParsingEvent list = Next() is DocumentStart ? Next() : _parser.Current!;
        if (list is not SequenceStart start)
        {
            throw PlaceOf(list.Start).Malformed("a scenario is a list of steps; start each with '- '");
        }

        RefuseProperties(start);
        for (ParsingEvent item = Next(); item is not SequenceEnd; item = Next())
        {
            ScenarioNode node = Build(item);
            if (start.Style == SequenceStyle.Flow && BreaksOff)
            {
                throw Malformed(PlaceOf(_reached), "the list is not closed, and its last step may not be whole");
            }

            yield return node;
        }

        Next();
        ParsingEvent end = Next();
        if (end is not StreamEnd)
        {
            throw PlaceOf(end.Start).Malformed("a second document starts here; a scenario is one list");
        }

        if (piece.Problem is InputException problem)
        {
            throw problem;
        }
    }

    // A map without braces ends where what follows it starts.
    private bool BreaksOff =>
        (_parser.Current is Scalar scalar ? scalar.End : _parser.Current!.Start).Index >= _end;

    private ScenarioNode Build(ParsingEvent first)
    {
        TextPlace place = PlaceOf(first.Start);
        if (first is AnchorAlias alias)
        {
            throw place.Malformed($"alias {ScalarNode.Quote($"*{alias.Value}")}: write the value out instead");
        }

        // Where brackets do not match, the parser may end what it has not begun.
        RefuseProperties(first as NodeEvent ?? throw Malformed(place, Unbalanced));
        if (first is Scalar scalar)
        {
            return new ScalarNode(place, scalar.Value, scalar.Style == ScalarStyle.Plain);
        }

        if (++_depth > MaxDepth)
        {
            throw place.Malformed(string.Create(CultureInfo.InvariantCulture, $"nested deeper than {MaxDepth} levels; no step needs that"));
        }

        ScenarioNode node = first is SequenceStart ? BuildList(place) : BuildMap(place);
        _depth--;
        return node;
    }

    private ListNode BuildList(TextPlace place)
    {
        List<ScenarioNode> items = [];
        for (ParsingEvent item = Next(); item is not SequenceEnd; item = Next())
        {
            items.Add(Build(item));
        }

        return new ListNode(place, items);
    }

    private MapNode BuildMap(TextPlace place)
    {
        List<KeyValuePair<ScalarNode, ScenarioNode>> entries = [];
        HashSet<string> names = [];
        for (ParsingEvent key = Next(); key is not MappingEnd; key = Next())
        {
            ScenarioNode node = Build(key);
            if (node is not ScalarNode name)
            {
                throw node.Place.Malformed($"{node.What} stands where a name is expected");
            }

            if (name is { IsPlain: true, Text: "<<" })
            {
                throw name.Place.Malformed("merge key '<<': write the names out instead");
            }

            if (!names.Add(name.Text))
            {
                throw name.Place.Malformed($"{name.What} stands there twice");
            }

            entries.Add(new(name, Build(Next())));
        }

        return new MapNode(place, entries);
    }

    private void RefuseProperties(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            throw PlaceOf(node.Start).Malformed($"anchor {ScalarNode.Quote($"&{node.Anchor.Value}")}: write values out where they are needed");
        }

        if (!node.Tag.IsEmpty)
        {
            throw PlaceOf(node.Start).Malformed($"tag {ScalarNode.Quote(node.Tag.Value)}: a step's arguments have their types already");
        }
    }

    private ParsingEvent Next()
    {
        try
        {
            _parser.MoveNext();
        }
        catch (YamlException e)
        {
            // Of a tab the parser tells where the map around it starts, which was read long before.
            throw Malformed(
                e.Start.Index < _reached.Index ? PlaceBehind(_reached) : PlaceOf(e.Start),
                char.ToLowerInvariant(e.Message[0]) + e.Message[1..].TrimEnd('.'));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // Or it may fail like this.
            throw Malformed(PlaceBehind(_reached), Unbalanced);
        }

        ParsingEvent current = _parser.Current!;
        _reached = current.End;
        return current;
    }

    // Where the text is not whole, that is what is wrong with it.
    private InputException Malformed(TextPlace place, string what) =>
        piece.Problem ?? place.Malformed($"malformed YAML: {what}");

    private TextPlace PlaceBehind(Mark mark)
    {
        int index = (int)mark.Index;
        long line = mark.Line;
        long column = mark.Column;
        for (; index < piece.Text.Length && piece.Text[index] is ' ' or '\n' or ':' or ','; index++)
        {
            (line, column) = piece.Text[index] == '\n' ? (line + 1, 1) : (line, column + 1);
        }

        return PlaceOf(new Mark(index, line, column));
    }

    // The parser believes the end of the text to be on a line of its own.
    private TextPlace PlaceOf(Mark mark)
    {
        ReadOnlySpan<char> text = piece.Text.AsSpan(0, _end);
        return mark.Index < text.Length
            ? piece.Start with { Line = piece.Start.Line + mark.Line - 1, Column = mark.Column }
            : piece.Start with { Line = piece.Start.Line + text.Count('\n'), Column = text.Length - text.LastIndexOf('\n') };
    }
}

using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Parsing;

/// <summary>Holds a tree against a shape: unknown and missing keys, wrong kinds of value, words that a key does not take.</summary>
internal sealed class ShapeChecker(DiagnosticBag diagnostics)
{
    /// <summary>
    /// Reports all that does not fit and gives what does: a part that is wrong is left out, so that the rest can be bound
    /// without asking again.
    /// </summary>
    public MapNode Check(MapNode node, MapShape shape)
    {
        var kept = new List<MapEntry>();
        foreach (MapEntry entry in node.Entries)
        {
            KeyShape? key = shape[entry.Key.Text];
            if (key is null)
            {
                diagnostics.Add(
                    DiagnosticCatalog.UnknownKey,
                    entry.Key,
                    entry.Key.Text,
                    shape.Noun,
                    Spelling.Suggest(entry.Key.Text, shape.Keys.Select(k => k.Name)));
            }
            else if (Check(entry.Key.Text, entry.Value, key.Value) is Node value)
            {
                kept.Add(new MapEntry(entry.Key, value));
            }
        }

        bool hasBase = node[DefinitionShapes.Extends] is not null;
        foreach (KeyShape key in shape.Keys)
        {
            if (key.IsRequired && !(key.IsInheritable && hasBase) && node.Entries.All(e => e.Key.Text != key.Name))
            {
                Node at = node.Entries.Count > 0 ? node.Entries[0].Key : node;
                diagnostics.Add(DiagnosticCatalog.MissingKey, at, Capitalised(shape.Noun), $"the key '{key.Name}'");
            }
        }

        return node with { Entries = kept.ToEquatableArray() };
    }

    private Node? Check(string key, Node node, ValueShape shape)
    {
        switch (shape, node)
        {
            case (TextShape, ScalarNode { Text.Length: > 0 }):
                return node;
            case (WordShape words, ScalarNode scalar):
                if (!words.Choices.Contains(scalar.Text))
                {
                    diagnostics.Add(
                        DiagnosticCatalog.UnknownWord, node, key, string.Join(" or ", words.Choices.Select(w => $"'{w}'")), scalar.Text);
                    return null;
                }

                return node;
            case (OneOrMoreShape more, ScalarNode):
                return Check(key, node, more.Item);
            case (OneOrMoreShape more, ListNode { Items.Count: > 0 } list):
                return CheckItems(key, list, more.Item);
            case (ListShape of, ListNode list):
                return CheckItems(key, list, of.Item);
            case (MapShape map, MapNode child):
                return Check(child, map);
            case (DictionaryShape dictionary, MapNode child):
                return child with
                {
                    Entries = child.Entries
                        .Select(e => Check(e.Key.Text, e.Value, dictionary.Value) is Node value ? e with { Value = value } : null)
                        .OfType<MapEntry>()
                        .ToEquatableArray(),
                };
            default:
                diagnostics.Add(DiagnosticCatalog.WrongShape, node, key, shape.Label, Describe(node));
                return null;
        }
    }

    private ListNode CheckItems(string key, ListNode list, ValueShape item) =>
        list with { Items = list.Items.Select(i => Check(key, i, item)).OfType<Node>().ToEquatableArray() };

    private static string Describe(Node node) => node switch
    {
        ScalarNode { Text: "" } => "nothing",
        ScalarNode scalar => $"'{scalar.Text}'",
        ListNode { Items.Count: 0 } => "an empty list",
        ListNode => "a list",
        _ => "a map",
    };

    private static string Capitalised(string noun) => char.ToUpperInvariant(noun[0]) + noun.Substring(1);
}

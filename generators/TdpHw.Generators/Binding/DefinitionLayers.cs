using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>
/// Puts a definition on top of the one that it extends and gives one tree, which is bound like that of a definition by itself.
/// What two layers say of the same bits or levels needs their values read: the binder decides it, by the depth of each row.
/// </summary>
internal static class DefinitionLayers
{
    /// <summary>Lists whose rows have names: a row of the upper layer takes the place of all rows of its name.</summary>
    private static readonly Dictionary<string, string> NamedRows = new(StringComparer.Ordinal)
    {
        ["capabilities"] = "name", ["fields"] = "name", ["views"] = "sym", ["illegal"] = "name", ["rights"] = "right", ["windows"] = "name",
    };

    /// <summary>Lists of which the upper layer's rows are added to the lower one's.</summary>
    private static readonly string[] JoinedRows = ["reserved", "res0", "ignored", "present", "leaf"];

    /// <summary>Maps of which the upper layer's entries are added to the lower one's, or take their places.</summary>
    private static readonly string[] JoinedMaps = ["sources", "enums"];

    /// <summary>
    /// The file with the tree of all its layers; the file as it is when it extends nothing, or nothing that can be read.
    /// </summary>
    public static ParsedFile Apply(ParsedFile file, BaseTable bases)
    {
        if (file.Extends is not { } extends)
        {
            return file;
        }

        ParsedFile? below = bases.BaseOf(file);
        if (below is null && extends.Text == file.Name)
        {
            return file with { Cycle = new[] { file.Name, file.Name }.ToEquatableArray() };
        }

        var chain = new List<ParsedFile>();
        for (; below is not null && !chain.Contains(below); below = bases.BaseOf(below))
        {
            if (below.Path == file.Path)
            {
                return file with { Cycle = chain.Prepend(file).Append(file).Select(f => f.Name).ToEquatableArray() };
            }

            chain.Add(below);
        }

        // Whatever else leads nowhere is told at the file that it is the fault of.
        if (chain.Count == 0 || chain[chain.Count - 1] is not { Root: not null, Extends: null })
        {
            return file;
        }

        MapNode tree = chain[chain.Count - 1].Root!;
        for (int i = chain.Count - 1; i >= 0; i--)
        {
            MapNode upper = (i == 0 ? file : chain[i - 1]).Root!;
            tree = Merge((MapNode)Inherited(tree, chain[i].FileName, upper.Scalar(DefinitionShapes.Extends)!.Span), upper);
        }

        return file with { Root = tree, Bases = chain.Select(f => f.FileName).ToEquatableArray() };
    }

    private static MapNode Merge(MapNode lower, MapNode upper)
    {
        if (upper["cite"] is not null && lower.Scalar("cite") is ScalarNode cite)
        {
            lower = Cited(lower, cite);
        }

        IEnumerable<MapEntry> entries = upper.Entries.Select(entry => lower[entry.Key.Text] is Node below
            ? entry with { Value = Merge(entry.Key.Text, below, entry.Value) }
            : entry);
        return upper with
        {
            Entries = entries.Concat(lower.Entries.Where(entry => upper[entry.Key.Text] is null)).ToEquatableArray(),
        };
    }

    private static Node Merge(string key, Node lower, Node upper) => (lower, upper) switch
    {
        (ListNode below, ListNode above) when NamedRows.TryGetValue(key, out string? name) => above with { Items = Rows(below, above, name) },
        (ListNode below, ListNode above) when JoinedRows.Contains(key) => above with { Items = below.Items.Concat(above.Items).ToEquatableArray() },
        (MapNode below, MapNode above) when JoinedMaps.Contains(key) => above with
        {
            Entries = below.Entries.Where(e => above[e.Key.Text] is null).Concat(above.Entries).ToEquatableArray(),
        },
        _ => upper,
    };

    /// <summary>Rows stand in the order of the lower layer, so that what is written anew keeps its place.</summary>
    private static EquatableArray<Node> Rows(ListNode lower, ListNode upper, string name)
    {
        ILookup<string, MapNode> anew = upper.Items.OfType<MapNode>().ToLookup(r => r.Text(name), StringComparer.Ordinal);
        var rows = new List<Node>();
        var placed = new HashSet<string>(StringComparer.Ordinal);
        foreach (MapNode row in lower.Items.OfType<MapNode>())
        {
            string label = row.Text(name);
            if (!anew.Contains(label))
            {
                rows.Add(row);
            }
            else if (placed.Add(label))
            {
                rows.AddRange(anew[label]);
            }
        }

        return rows.Concat(upper.Items.OfType<MapNode>().Where(r => !placed.Contains(r.Text(name)))).ToEquatableArray();
    }

    /// <summary>The rules keep their source where the upper layer has another one for those that have none.</summary>
    private static MapNode Cited(MapNode lower, ScalarNode cite)
    {
        return lower with { Entries = lower.Entries.Select(e => e.Value is ListNode list ? e with { Value = Rows(list) } : e).ToEquatableArray() };

        ListNode Rows(ListNode list) => list with { Items = list.Items.Select(Row).ToEquatableArray() };

        Node Row(Node node) => node is MapNode row && row["cite"] is null
            ? row with { Entries = row.Entries.Append(new MapEntry(new ScalarNode("cite", cite.Span), cite)).ToEquatableArray() }
            : node;
    }

    private static Node Inherited(Node node, string file, SourceSpan extends)
    {
        Inheritance from = node.Span.Inherited is { } farther
            ? farther with { Depth = farther.Depth + 1 }
            : new Inheritance(file, node.Span.Line + 1, 1);
        SourceSpan span = extends with { Inherited = from };
        return node switch
        {
            MapNode map => new MapNode(
                map.Entries
                    .Select(e => new MapEntry((ScalarNode)Inherited(e.Key, file, extends), Inherited(e.Value, file, extends)))
                    .ToEquatableArray(),
                span),
            ListNode list => new ListNode(list.Items.Select(i => Inherited(i, file, extends)).ToEquatableArray(), span),
            _ => node with { Span = span },
        };
    }
}

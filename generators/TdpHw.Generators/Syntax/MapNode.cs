using TdpHw.Generators.Model;

namespace TdpHw.Generators.Syntax;

/// <summary>Keys with values, in the order of the file.</summary>
internal sealed record MapNode(EquatableArray<MapEntry> Entries, SourceSpan Span) : Node(Span)
{
    /// <summary>The value of <paramref name="key"/>, or null.</summary>
    public Node? this[string key] => Entries.FirstOrDefault(e => e.Key.Text == key)?.Value;

    /// <summary>The names that scalars of this map and of all below it begin with: <c>VtdCap</c> of <c>VtdCap.Page2M</c>.</summary>
    public HashSet<string> Mentions()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var rest = new Stack<Node>();
        rest.Push(this);
        while (rest.Count > 0)
        {
            switch (rest.Pop())
            {
                case MapNode map:
                    foreach (MapEntry entry in map.Entries)
                    {
                        rest.Push(entry.Value);
                    }

                    break;
                case ListNode list:
                    foreach (Node item in list.Items)
                    {
                        rest.Push(item);
                    }

                    break;
                case ScalarNode scalar:
                    int dot = scalar.Text.IndexOf('.');
                    names.Add(dot < 0 ? scalar.Text : scalar.Text.Substring(0, dot));
                    break;
            }
        }

        return names;
    }

    /// <summary>The scalar at <paramref name="key"/>, or null.</summary>
    public ScalarNode? Scalar(string key) => this[key] as ScalarNode;

    /// <summary>The text at <paramref name="key"/>, or <paramref name="missing"/>.</summary>
    public string Text(string key, string missing = "") => Scalar(key)?.Text ?? missing;

    /// <summary>The map at <paramref name="key"/>, or null.</summary>
    public MapNode? Map(string key) => this[key] as MapNode;

    /// <summary>The maps in the list at <paramref name="key"/>; none when there is no list.</summary>
    public IEnumerable<MapNode> Maps(string key) =>
        this[key] is ListNode list ? list.Items.OfType<MapNode>() : [];

    /// <summary>The scalars at <paramref name="key"/>, which holds one or a list of them.</summary>
    public IEnumerable<ScalarNode> Scalars(string key) => this[key] switch
    {
        ScalarNode scalar => [scalar],
        ListNode list => list.Items.OfType<ScalarNode>(),
        _ => [],
    };
}

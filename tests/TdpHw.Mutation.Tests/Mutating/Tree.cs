using System.Globalization;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;
using TdpHw.Mutation.Tests.Evaluation;
using TdpHw.Mutation.Tests.Truth;

namespace TdpHw.Mutation.Tests.Mutating;

/// <summary>Changes a tree as an editor would change the file.</summary>
internal static class Tree
{
    public static ScalarNode Scalar(string text) => new(text, default);

    public static ScalarNode Scalar(int number) => Scalar(number.ToString(CultureInfo.InvariantCulture));

    public static ListNode List(IEnumerable<Node> items) => new(items.ToEquatableArray(), default);

    public static MapNode Map(params IEnumerable<(string Key, Node Value)> entries) =>
        new(entries.Select(e => new MapEntry(Scalar(e.Key), e.Value)).ToEquatableArray(), default);

    /// <summary>The map with a key set, at its place or at the end; null takes the key away.</summary>
    public static MapNode With(this MapNode map, string key, Node? value)
    {
        IEnumerable<MapEntry> entries = map.Entries;
        entries = value is null ? entries.Where(e => e.Key.Text != key)
            : map[key] is null ? entries.Append(new MapEntry(Scalar(key), value))
            : entries.Select(e => e.Key.Text == key ? e with { Value = value } : e);
        return map with { Entries = entries.ToEquatableArray() };
    }

    public static MapNode With(this MapNode map, string key, string value) => map.With(key, Scalar(value));

    public static MapNode With(this MapNode map, string key, int value) => map.With(key, Scalar(value));

    public static MapNode Without(this MapNode map, params string[] keys) =>
        keys.Aggregate(map, (result, key) => result.With(key, (Node?)null));

    /// <summary>The map with a key called something else.</summary>
    public static MapNode Renamed(this MapNode map, string key, string name) => map with
    {
        Entries = map.Entries.Select(e => e.Key.Text == key ? e with { Key = Scalar(name) } : e).ToEquatableArray(),
    };

    /// <summary>The map with an item of a list replaced by any number of items.</summary>
    public static MapNode WithItem(this MapNode map, string key, int index, params Node[] items) => map.With(
        key, List(((ListNode)map[key]!).Items.SelectMany((item, i) => i == index ? items : [item])));

    /// <summary>The map with an item more in a list, which it may not have yet.</summary>
    public static MapNode WithAdded(this MapNode map, string key, params Node[] items) =>
        map.With(key, List((map[key] is ListNode list ? list.Items : default).Concat(items)));

    /// <summary>The map with two neighbours of a list swapped.</summary>
    public static MapNode WithSwapped(this MapNode map, string key, int index)
    {
        List<Node> items = [.. ((ListNode)map[key]!).Items];
        (items[index], items[index + 1]) = (items[index + 1], items[index]);
        return map.With(key, List(items));
    }

    /// <summary>The tree as if it were written anew.</summary>
    public static Node Bare(this Node node) => node switch
    {
        MapNode map => Map(map.Entries.Select(e => (e.Key.Text, Bare(e.Value)))),
        ListNode list => List(list.Items.Select(Bare)),
        _ => Scalar(((ScalarNode)node).Text),
    };

    /// <summary>Numbers and ranges <c>2..3</c> as numbers.</summary>
    public static int[] Numbers(this MapNode map, string key) => [.. map.Scalars(key).SelectMany(Numbers)];

    public static IEnumerable<int> Numbers(ScalarNode node)
    {
        int[] ends = [.. node.Text.Split("..").Select(Number)];
        return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
    }

    public static Node Numbers(IEnumerable<int> numbers) => List(numbers.Select(Scalar));

    public static int Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? checked((int)Json.Hex(text))
        : int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Each bit that a key names, in the order of the text; none where a capability says where it is.</summary>
    public static int[] Bits(this MapNode map, string key = "bits") =>
        [.. map.Scalars(key).Where(s => char.IsAsciiDigit(s.Text[0])).Select(s => Json.Bits(s.Text)).Each()];

    /// <summary>Bits in the order given, runs downwards as ranges.</summary>
    public static Node Bits(IReadOnlyList<int> bits)
    {
        var spans = new List<Node>();
        for (int i = 0; i < bits.Count; i++)
        {
            int first = i;
            while (i + 1 < bits.Count && bits[i + 1] == bits[i] - 1)
            {
                i++;
            }

            spans.Add(Scalar(new BitSpan(bits[first], bits[i]).ToString()));
        }

        return List(spans);
    }

    /// <summary>What tells an item of a list from its neighbours: its name, else its bits, else its place.</summary>
    public static string[] Labels(IReadOnlyList<MapNode> items)
    {
        var seen = new Dictionary<string, int>();
        return
        [
            .. items.Select((item, i) =>
            {
                string label = item.Scalar("name")?.Text ?? item.Scalar("id")?.Text ?? item.Scalar("right")?.Text
                    ?? (item["bits"] is null ? $"row{i + 1}" : string.Join(',', item.Scalars("bits").Select(b => b.Text)));
                int count = seen[label] = seen.GetValueOrDefault(label) + 1;
                return count == 1 ? label : $"{label}#{count}";
            }),
        ];
    }
}

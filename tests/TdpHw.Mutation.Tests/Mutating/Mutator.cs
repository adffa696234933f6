using TdpHw.Generators.Syntax;

namespace TdpHw.Mutation.Tests.Mutating;

/// <summary>Gathers the mutants of one definition.</summary>
internal abstract class Mutator(string name, MapNode root)
{
    private readonly List<Mutant> _mutants = [];

    protected MapNode Root { get; } = root;

    /// <summary>Every change that is made to a definition, whether it still binds or not.</summary>
    public static IReadOnlyList<Mutant> Of(string name, MapNode root)
    {
        Mutator mutator = root.Text("kind") switch
        {
            "page-table-format" => new FormatMutator(name, root),
            "overlay" => new OverlayMutator(name, root),
            "register" => new RegisterMutator(name, root),
            _ => new StructMutator(name, root),
        };
        mutator.MutateEnums();
        mutator.Mutate();
        return mutator._mutants;
    }

    /// <summary>Makes the changes that the kind of definition has.</summary>
    protected abstract void Mutate();

    protected void Add(string change, MapNode root) => _mutants.Add(new Mutant($"{Root.Text("id")}/{change}", name, root));

    /// <summary>Calls for each map of a list, with its label.</summary>
    protected void Each(string key, Action<string, int, MapNode> mutate)
    {
        MapNode[] items = [.. Root.Maps(key)];
        string[] labels = Tree.Labels(items);
        for (int i = 0; i < items.Length; i++)
        {
            mutate($"{key}/{labels[i]}", i, items[i]);
        }
    }

    /// <summary>Adds the root with an item of a list replaced.</summary>
    protected void Replace(string change, string key, int index, params MapNode[] items) =>
        Add(change, Root.WithItem(key, index, items));

    /// <summary>Changes the bounds of each capability that is a width.</summary>
    protected void MutateWidths() => Each("capabilities", (path, i, node) =>
    {
        if (node.Scalar("width") is not ScalarNode width)
        {
            return;
        }

        int[] bounds = [.. Tree.Numbers(width)];
        foreach ((int low, int high) in new[] { (-1, 0), (1, 0), (0, -1), (0, 1) })
        {
            string changed = $"{bounds[0] + low}..{bounds[^1] + high}";
            Replace($"{path}/width→{changed}", "capabilities", i, node.With("width", changed));
        }
    });

    private void MutateEnums()
    {
        foreach (MapEntry entry in Root.Map("enums")?.Entries ?? default)
        {
            string path = "enums/" + entry.Key.Text;
            MapNode[] members = [.. ((ListNode)entry.Value).Items.OfType<MapNode>()];
            int[] values = [.. members.Select(m => Tree.Number(m.Text("value")))];
            for (int i = 0; i < members.Length; i++)
            {
                string member = $"{path}/{members[i].Text("name")}";
                Put($"{member}→dropped", [.. members.Where(m => m != members[i])]);
                foreach (int value in new[] { values[i] - 1, values[i] + 1 }.Where(v => v >= 0 && !values.Contains(v)))
                {
                    Put($"{member}/value→{value}", [.. members.Select(m => m == members[i] ? m.With("value", value) : m)]);
                }

                if (i + 1 < members.Length)
                {
                    MapNode[] swapped = [.. members];
                    swapped[i] = members[i].With("name", members[i + 1].Text("name"));
                    swapped[i + 1] = members[i + 1].With("name", members[i].Text("name"));
                    Put($"{member}/name↔{members[i + 1].Text("name")}", swapped);
                }
            }

            void Put(string change, MapNode[] changed) =>
                Add(change, Root.With("enums", Root.Map("enums")!.With(entry.Key.Text, Tree.List(changed))));
        }
    }
}

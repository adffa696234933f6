using TdpHw.Generators.Syntax;

namespace TdpHw.Mutation.Tests.Mutating;

/// <summary>Changes a register. Bits that a field loses become reserved, bits that it gains are taken from who had them.</summary>
internal sealed class RegisterMutator(string name, MapNode root) : Mutator(name, root)
{
    private static readonly string[] Claims = ["fields", "reserved", "ignored"];

    protected override void Mutate()
    {
        Each("fields", MutateField);
        Each("views", (path, i, node) =>
        {
            Replace($"{path}→dropped", "views", i);
            MutateRange(path, node.Bits(), bits => Root.WithItem("views", i, node.With("bits", Tree.Bits(bits))));
        });
        foreach ((string key, string other) in new[] { ("reserved", "ignored"), ("ignored", "reserved") })
        {
            Each(key, (path, i, node) =>
            {
                foreach (ScalarNode range in node.Scalars("bits"))
                {
                    MapNode kept = node.With("bits", Tree.List(node.Scalars("bits").Where(r => r != range)));
                    MapNode without = kept.Scalars("bits").Any() ? Root.WithItem(key, i, kept) : Root.WithItem(key, i);
                    Add($"{key}/{range.Text}→{other}", without.WithAdded(other, node.With("bits", range.Text)));
                }
            });
        }

        MutateBitPositions();
        string[] aliases = [.. Root.Scalars("aliases").Select(a => a.Text)];
        foreach (string alias in aliases)
        {
            Add($"aliases−{alias}", aliases.Length == 1
                ? Root.Without("aliases")
                : Root.With("aliases", Tree.List(aliases.Where(a => a != alias).Select(Tree.Scalar))));
        }
    }

    private void MutateField(string path, int i, MapNode node)
    {
        Add($"{path}→reserved", Root.WithItem("fields", i).WithAdded("reserved", Tree.Map([("bits", node["bits"]!)])));
        Add($"{path}→ignored", Root.WithItem("fields", i).WithAdded("ignored", Tree.Map([("bits", node["bits"]!)])));
        MutateRange(path, node.Bits(), bits => WithBits(i, node, bits));
        foreach ((string key, int missing, int[] steps) in new[] { ("plus", 0, new[] { -1, 1 }), ("times", 1, [-1, 1, 15]) })
        {
            int value = node.Scalar(key) is ScalarNode scalar ? Tree.Number(scalar.Text) : missing;
            foreach (int step in steps.Where(s => value + s >= missing))
            {
                Replace($"{path}/{key}→{value + step}", "fields", i, node.With(key, value + step));
            }
        }

        Replace($"{path}/enum→dropped", "fields", i, node.Without("enum"));
        Replace($"{path}/address/flipped", "fields", i, node["address"] is null ? node.With("address", "true") : node.Without("address"));
    }

    private void MutateRange(string path, int[] bits, Func<int[], MapNode> put)
    {
        int high = bits[0];
        int low = bits[^1];
        if (bits.Length > 1)
        {
            Add($"{path}/high−1", put([.. bits.Skip(1)]));
            Add($"{path}/low+1", put([.. bits.SkipLast(1)]));
        }

        Add($"{path}/high+1", put([high + 1, .. bits]));
        Add($"{path}/low−1", put([.. bits, low - 1]));
        Add($"{path}/up", put([.. bits.Select(b => b + 1)]));
        Add($"{path}/down", put([.. bits.Select(b => b - 1)]));
    }

    /// <summary>The register with a field at other bits.</summary>
    private MapNode WithBits(int i, MapNode node, int[] bits)
    {
        int[] before = node.Bits();
        int[] gained = [.. bits.Except(before)];
        int[] lost = [.. before.Except(bits)];
        MapNode changed = Root;
        foreach (string key in Claims.Where(k => Root[k] is not null))
        {
            IEnumerable<MapNode> items = Root.Maps(key).Select((item, at) => key == "fields" && at == i
                ? node.With("bits", Tree.Bits(bits))
                : item.With("bits", Tree.Bits([.. item.Bits().Except(gained)])));
            changed = changed.With(key, Tree.List(items.Where(item => item.Bits().Length > 0)));
        }

        return lost.Length == 0 ? changed : changed.WithAdded("reserved", Tree.Map([("bits", Tree.Bits(lost))]));
    }

    /// <summary>Two neighbouring bits take each other's place in whatever claims them.</summary>
    private void MutateBitPositions()
    {
        int count = Tree.Number(Root.Text("bits"));
        for (int bit = 0; bit + 1 < count; bit++)
        {
            int low = bit;
            string? owner = OwnerOf(low);
            if (owner == OwnerOf(low + 1) && !owner!.StartsWith("fields", StringComparison.Ordinal))
            {
                continue;
            }

            Add($"bits/{low}↔{low + 1}", Claims.Where(k => Root[k] is not null).Aggregate(Root, (root, key) => root.With(
                key,
                Tree.List(root.Maps(key).Select(n => n.With(
                    "bits", Tree.Bits([.. n.Bits().Select(b => b == low ? low + 1 : b == low + 1 ? low : b)])))))));
        }
    }

    private string? OwnerOf(int bit) => Claims
        .SelectMany(key => Root.Maps(key).Select((node, i) => (Node: node, Label: $"{key}/{i}")))
        .FirstOrDefault(claim => claim.Node.Bits().Contains(bit)).Label;
}

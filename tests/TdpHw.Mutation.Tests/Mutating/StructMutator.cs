using TdpHw.Generators.Syntax;

namespace TdpHw.Mutation.Tests.Mutating;

/// <summary>Changes a C struct; offsets and size follow, or it would not bind.</summary>
internal sealed class StructMutator(string name, MapNode root) : Mutator(name, root)
{
    private static readonly string[] Types = ["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"];

    protected override void Mutate() => Each("members", (path, i, node) =>
    {
        Put($"{path}→dropped", Root.WithItem("members", i));
        Put($"{path}/enum→dropped", Root.WithItem("members", i, node.Without("enum")));
        foreach (string type in Types.Where(t => t != node.Text("type")))
        {
            Put($"{path}/type→{type}", Root.WithItem("members", i, node.With("type", type)));
        }

        int[] dimensions = node.Numbers("dims");
        Put($"{path}/dims/reversed", Root.WithItem("members", i, node.With("dims", Tree.Numbers(dimensions.Reverse()))));
        Put($"{path}/dims+2", Root.WithItem("members", i, node.With("dims", Tree.Numbers(dimensions.Append(2)))));
        for (int d = 0; d < dimensions.Length; d++)
        {
            int at = d;
            foreach (int by in new[] { -1, 1 })
            {
                int[] changed = [.. dimensions.Select((n, k) => k == at ? n + by : n)];
                Put($"{path}/dims→{string.Join('×', changed)}", Root.WithItem("members", i, node.With("dims", Tree.Numbers(changed))));
            }
        }

        if (i + 1 < Root.Maps("members").Count())
        {
            Put($"{path}/↔next", Root.WithSwapped("members", i));
        }
    });

    private void Put(string change, MapNode root)
    {
        int end = 0;
        int alignment = 1;
        var members = new List<Node>();
        foreach (MapNode member in root.Maps("members"))
        {
            int size = Tree.Number(member.Text("type")[1..]) / 8;
            int offset = RoundUp(end, size);
            members.Add(member.With("offset", offset));
            end = offset + member.Numbers("dims").Aggregate(size, (product, d) => product * d);
            alignment = Math.Max(alignment, size);
        }

        Add(change, root.With("members", Tree.List(members)).With("size", RoundUp(end, alignment)));
    }

    private static int RoundUp(int value, int alignment) => (value + alignment - 1) / alignment * alignment;
}

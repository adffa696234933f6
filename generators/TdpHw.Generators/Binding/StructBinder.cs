using System.Globalization;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>Gives a C struct its meaning. Offsets and size are stated in the definition and proved here, not computed.</summary>
internal static class StructBinder
{
    private const int MaxSize = 1 << 16;

    public static StructSpec Bind(DefinitionScope scope)
    {
        MapNode root = scope.Root;
        MapNode[] nodes = [.. root.Maps("members")];
        scope.RequireUnique(nodes.Select(n => n.Scalar("name")!), "a member");
        StructMemberSpec[] members = [.. nodes.Select(n => ReadMember(scope, n))];
        MemberNames.CheckStruct(scope, nodes.Select((n, i) => (n.Scalar("name")!, members[i].IsArray)));
        int end = 0;
        int alignment = 1;
        for (int i = 0; i < members.Length; i++)
        {
            int natural = RoundUp(end, members[i].Size);
            alignment = Math.Max(alignment, members[i].Size);
            if (members[i].Offset != natural)
            {
                scope.Diagnostics.Add(
                    DiagnosticCatalog.StructOffset,
                    nodes[i].Scalar("offset")!,
                    members[i].Name,
                    members[i].Offset.ToString(CultureInfo.InvariantCulture),
                    natural.ToString(CultureInfo.InvariantCulture));
            }

            // What follows is judged as if this one stood right, or one mistake would be told of every member behind it.
            end = natural + (members[i].Size * members[i].Count);
        }

        int size = (int)(scope.Number(root.Scalar("size"), "size", 1, MaxSize) ?? 0);
        if (size != 0 && size != RoundUp(end, alignment))
        {
            scope.Diagnostics.Add(
                DiagnosticCatalog.StructSize,
                root.Scalar("size")!,
                size.ToString(CultureInfo.InvariantCulture),
                RoundUp(end, alignment).ToString(CultureInfo.InvariantCulture));
        }

        return new StructSpec(
            scope.Name,
            scope.Id,
            scope.Doc,
            scope.DefaultCite,
            scope.Sources,
            scope.Enums,
            size,
            members.ToEquatableArray());
    }

    private static StructMemberSpec ReadMember(DefinitionScope scope, MapNode node)
    {
        (string type, int size) = node.Text("type") switch
        {
            "u8" => ("byte", 1),
            "s8" => ("sbyte", 1),
            "u16" => ("ushort", 2),
            "s16" => ("short", 2),
            "u32" => ("uint", 4),
            "s32" => ("int", 4),
            "s64" => ("long", 8),
            _ => ("ulong", 8),
        };
        int[] dimensions = [.. node.Scalars("dims").Select(d => (int)(scope.Number(d, "dims", 1, 1 << 12) ?? 1))];
        if (dimensions.Aggregate((long)size, (bytes, d) => Math.Min(bytes * d, int.MaxValue)) > MaxSize)
        {
            scope.Diagnostics.Add(
                DiagnosticCatalog.NumberOutside,
                node["dims"]!,
                "dims",
                $"an array of at most {MaxSize} bytes",
                string.Join(", ", dimensions));
            dimensions = [];
        }

        return new StructMemberSpec(
            scope.Identifier(node.Scalar("name")!, "the name of a C# property"),
            type,
            size,
            (int)(scope.Number(node.Scalar("offset"), "offset", 0, MaxSize) ?? 0),
            dimensions.ToEquatableArray(),
            scope.Enum(node, size * 8),
            node.Text("doc"),
            scope.Cite(node));
    }

    private static int RoundUp(int value, int alignment) => (value + alignment - 1) / alignment * alignment;
}

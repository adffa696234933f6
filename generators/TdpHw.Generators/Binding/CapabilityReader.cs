using System.Globalization;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>Reads the capabilities of a format or overlay and makes their names known.</summary>
internal static class CapabilityReader
{
    /// <summary>Bit accounting tries every setting of the capabilities that a level depends on.</summary>
    private const int MaxCapabilities = 16;

    public static EquatableArray<CapabilitySpec> Read(DefinitionScope scope)
    {
        MapNode[] nodes = [.. scope.Root.Maps("capabilities")];
        scope.RequireUnique(nodes.Select(n => n.Scalar("name")!), "a capability");
        if (nodes.Length > MaxCapabilities)
        {
            scope.Diagnostics.Add(
                DiagnosticCatalog.TooManyCapabilities,
                nodes[MaxCapabilities].Scalar("name")!,
                nodes.Length.ToString(CultureInfo.InvariantCulture),
                MaxCapabilities.ToString(CultureInfo.InvariantCulture));
            nodes = [.. nodes.Take(MaxCapabilities)];
        }

        foreach (MapNode node in nodes)
        {
            scope.Declare(node.Text("name"));
        }

        EquatableArray<CapabilitySpec> capabilities = nodes.Select(n => ReadOne(scope, n)).ToEquatableArray();
        MemberNames.CheckCapabilities(
            scope, nodes.Select((n, i) => (n.Scalar("property") ?? n.Scalar("name")!, capabilities[i].Property)));
        return capabilities;
    }

    private static CapabilitySpec ReadOne(DefinitionScope scope, MapNode node)
    {
        bool isFlag = node.Scalar("width") is null;
        var kind = isFlag ? CapabilityKind.Flag
            : node.Text("optional") == "true" ? CapabilityKind.OptionalWidth
            : CapabilityKind.Width;
        if (isFlag && node.Scalar("flag") is null)
        {
            scope.Diagnostics.Add(
                DiagnosticCatalog.MissingKey, node.Scalar("name")!, "A capability", "the key 'flag' (its default) or 'width'");
        }

        int minimum = 0;
        int maximum = 1;
        int? @default = node.Text("flag") == "true" ? 1 : isFlag ? 0 : null;
        if (!isFlag)
        {
            ulong[] widths = [.. scope.Ranges(node, "width")];
            if (widths.Any(w => w is < 1 or > 64))
            {
                scope.Diagnostics.Add(
                    DiagnosticCatalog.NumberOutside, node["width"]!, "width", "widths from 1 to 64", string.Join(", ", node.Scalars("width").Select(w => w.Text)));
                widths = [];
            }

            minimum = widths.Length == 0 ? 1 : (int)widths.Min();
            maximum = widths.Length == 0 ? 1 : (int)widths.Max();
            if (node.Scalar("default") is ScalarNode value)
            {
                @default = widths.Length == 0 ? null : (int?)scope.Number(value, "default", (ulong)minimum, (ulong)maximum);
            }
            else if (kind == CapabilityKind.Width)
            {
                scope.Diagnostics.Add(DiagnosticCatalog.MissingKey, node.Scalar("name")!, "A capability with a width", "the key 'default'");
            }
        }

        return new CapabilitySpec(
            scope.Words(node.Scalar("name")!, "the name of a capability"),
            node.Scalar("property") is ScalarNode property
                ? scope.Identifier(property, "the name of a C# property")
                : PascalCase.From(node.Text("name")),
            kind,
            minimum,
            maximum,
            @default,
            node.Scalar("from") is ScalarNode from ? ReadRegisterField(scope, from) : null,
            node.Text("doc"),
            scope.Cite(node));
    }

    private static RegisterFieldReference? ReadRegisterField(DefinitionScope scope, ScalarNode from)
    {
        int dot = from.Text.IndexOf('.');
        string name = dot < 0 ? from.Text : from.Text.Substring(0, dot);
        if (scope.Refer<RegisterSpec>(from, "register", name) is not RegisterSpec register)
        {
            return null;
        }

        string field = dot < 0 ? "" : from.Text.Substring(dot + 1);
        RegisterMemberSpec? member = register.Members.FirstOrDefault(m => m.Name == field);
        if (member is null)
        {
            if (from.Span.Inherited is not null)
            {
                return null;
            }

            scope.Diagnostics.Add(
                DiagnosticCatalog.UnknownField,
                from,
                field,
                register.Name,
                Spelling.Suggest(field, register.Members.Select(m => m.Name)));
            return null;
        }

        return new RegisterFieldReference(
            new[] { register.Id }.Concat(register.Aliases).ToEquatableArray(), member.Bits.Mask());
    }
}

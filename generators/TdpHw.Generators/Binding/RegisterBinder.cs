using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>Gives a register its meaning: each bit is a field or reserved, views name bits again.</summary>
internal static class RegisterBinder
{
    public static RegisterSpec Bind(DefinitionScope scope)
    {
        MapNode root = scope.Root;
        ulong? size = scope.Number(root.Scalar("bits"), "bits", 8, 512);
        scope.HasUnknownBits |= size is null;
        int bits = (int)(size ?? 512);
        MapNode[] fields = [.. root.Maps("fields")];
        MapNode[] views = [.. root.Maps("views")];
        scope.RequireUnique(fields.Concat(views).Select(n => n.Scalar("name")!), "a field");
        MemberNames.Check(scope, [.. fields.Concat(views).Select(n => n.Scalar("name")!)], scope.Name, isRegister: true);
        RegisterMemberSpec[] members =
        [
            .. fields.Select(n => ReadMember(scope, n, bits, isView: false)),
            .. views.Select(n => ReadMember(scope, n, bits, isView: true)),
        ];
        var reserved = new List<BitSpan>();
        string?[] owners = new string?[bits];
        for (int i = 0; i < fields.Length; i++)
        {
            Claim(scope, owners, fields[i], members[i].Bits, $"field '{members[i].Name}'");
        }

        foreach (MapNode rule in root.Maps("reserved"))
        {
            EquatableArray<BitSpan> spans = scope.Bits(rule, "bits", bits, "register");
            reserved.AddRange(spans);
            scope.Cite(rule);
            Claim(scope, owners, rule, spans, "'reserved'");
        }

        foreach (MapNode rule in root.Maps("ignored"))
        {
            scope.Cite(rule);
            Claim(scope, owners, rule, scope.Bits(rule, "bits", bits, "register"), "'ignored'");
        }

        BitSpan[] missing = [.. Gaps(owners)];
        if (missing.Length > 0 && !scope.HasUnknownBits)
        {
            bool isOne = missing.Length == 1 && missing[0].Width == 1;
            scope.Diagnostics.Add(
                DiagnosticCatalog.BitWithoutStatus,
                root.Entries.First(e => e.Key.Text == "fields").Key,
                (isOne ? "Bit " : "Bits ") + missing.Format(),
                scope.Name + (isOne ? " has" : " have"),
                "");
        }

        return new RegisterSpec(
            scope.Name,
            scope.Id,
            scope.Doc,
            scope.DefaultCite,
            scope.Sources,
            scope.Enums,
            root.Scalars("aliases").Select(a => a.Text).ToEquatableArray(),
            bits,
            members.ToEquatableArray(),
            reserved.ToEquatableArray());
    }

    private static RegisterMemberSpec ReadMember(DefinitionScope scope, MapNode node, int bits, bool isView)
    {
        EquatableArray<BitSpan> spans = scope.Bits(node, "bits", bits, "register");
        foreach (ScalarNode range in node.Scalars("bits"))
        {
            if (spans.Any(s => s.High / 64 != s.Low / 64 && s.ToString() == range.Text))
            {
                scope.Diagnostics.Add(DiagnosticCatalog.FieldAcrossWords, range, range.Text);
            }
        }

        return new RegisterMemberSpec(
            scope.Identifier(node.Scalar("name")!, "the name of a C# property"),
            node.Text("sym"),
            spans,
            (int)(scope.Number(node.Scalar("plus"), "plus", 0, 1 << 20) ?? 0),
            (int)(scope.Number(node.Scalar("times"), "times", 1, 1 << 20) ?? 1),
            scope.Enum(node, spans.Width()),
            node.Text("address") == "true",
            isView,
            node.Text("doc"),
            scope.Cite(node));
    }

    private static void Claim(
        DefinitionScope scope, string?[] owners, MapNode node, EquatableArray<BitSpan> spans, string label)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (BitSpan span in spans)
        {
            for (int bit = span.Low; bit <= span.High; bit++)
            {
                if (owners[bit] is string owner && told.Add(owner))
                {
                    scope.Diagnostics.Add(
                        DiagnosticCatalog.BitOverlap, node["bits"]!, $"Bit {bit}", scope.Name, owner, label, "");
                }

                owners[bit] ??= label;
            }
        }
    }

    private static IEnumerable<BitSpan> Gaps(string?[] owners)
    {
        for (int high = owners.Length - 1; high >= 0; high--)
        {
            if (owners[high] is null)
            {
                int low = high;
                while (low > 0 && owners[low - 1] is null)
                {
                    low--;
                }

                yield return new BitSpan(high, low);
                high = low;
            }
        }
    }
}

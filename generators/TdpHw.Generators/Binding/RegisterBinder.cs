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
        foreach (BitSpan span in spans.Where(s => s.High / 64 != s.Low / 64))
        {
            Node range = node.Scalars("bits").FirstOrDefault(r => r.Text == span.ToString()) ?? node["bits"]!;
            scope.Diagnostics.Add(DiagnosticCatalog.FieldAcrossWords, range, span.ToString());
        }

        if (spans.Width() > 64)
        {
            scope.Diagnostics.Add(DiagnosticCatalog.NumberOutside, node["bits"]!, "bits", "at most 64 bits for one value", spans.Format());
            scope.HasUnknownBits = true;
            spans = default;
        }

        bool isAddress = node.Text("address") == "true";
        if (isAddress && node["times"] is null && spans.Select(s => s.Low / 64).Distinct().Count() > 1)
        {
            scope.Diagnostics.Add(
                DiagnosticCatalog.AddressGap,
                node["bits"]!,
                spans.Format(),
                "a register's address keeps its place in one 64-bit word");
        }

        (int times, int plus) = ReadScale(scope, node, spans.Largest());
        return new RegisterMemberSpec(
            scope.Identifier(node.Scalar("name")!, "the name of a C# property"),
            node.Text("sym"),
            spans,
            plus,
            times,
            scope.Enum(node, spans.Width()),
            isAddress,
            isView,
            node.Text("doc"),
            scope.Cite(node));
    }

    /// <summary>What makes the bits' number the field's value, which must fit a number of 64 bits.</summary>
    private static (int Times, int Plus) ReadScale(DefinitionScope scope, MapNode node, ulong largest)
    {
        const ulong most = 1 << 20;
        string? other = node["enum"] is not null ? "enum" : node.Text("address") == "true" ? "address" : null;

        // An address may be counted in pages.
        foreach (MapEntry scale in node.Entries.Where(e => e.Key.Text == "plus" ? other is not null : e.Key.Text == "times" && other == "enum"))
        {
            scope.Diagnostics.Add(
                DiagnosticCatalog.UnknownKey, scale.Key, scale.Key.Text, $"a field with '{other}'", "only a plain number is scaled");
        }

        ulong times = scope.Number(node.Scalar("times"), "times", 1, largest == 0 ? most : Math.Min(most, ulong.MaxValue / largest)) ?? 1;
        ulong plus = scope.Number(node.Scalar("plus"), "plus", 0, Math.Min(most, ulong.MaxValue - (largest * times))) ?? 0;
        return ((int)times, (int)plus);
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

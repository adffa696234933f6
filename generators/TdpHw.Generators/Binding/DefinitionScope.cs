using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>
/// Reads the values that all kinds of definition share, and reports those that are wrong at the scalar that holds them.
/// </summary>
internal sealed class DefinitionScope
{
    private readonly HashSet<string> _capabilities = new(StringComparer.Ordinal);

    public DefinitionScope(MapNode root, NameTable names, DiagnosticBag diagnostics)
    {
        Root = root;
        Names = names;
        Diagnostics = diagnostics;
        Name = Identifier(root.Scalar("name")!, "the name of a C# type");
        Sources = (root.Map("sources")?.Entries.Select(e => new SourceSpec(e.Key.Text, ((ScalarNode)e.Value).Text)) ?? [])
            .ToEquatableArray();
        DefaultCite = root.Scalar("cite") is ScalarNode cite ? Expand(cite) : "";
        Enums = ReadEnums().ToEquatableArray();
    }

    public MapNode Root { get; }

    public NameTable Names { get; }

    public DiagnosticBag Diagnostics { get; }

    public string Name { get; }

    public string Id => Root.Text("id");

    public string Doc => Root.Text("doc");

    public EquatableArray<SourceSpec> Sources { get; }

    public string DefaultCite { get; }

    public EquatableArray<EnumSpec> Enums { get; }

    public IEnumerable<string> Capabilities => _capabilities;

    /// <summary>
    /// Whether bits or levels of a rule could not be read. Gaps that this may leave are not worth telling before it is mended.
    /// </summary>
    public bool HasUnknownBits { get; set; }

    /// <summary>Makes <paramref name="name"/> known to conditions.</summary>
    public void Declare(string name) => _capabilities.Add(name);

    /// <summary>Where a rule stands: its own citation, or that of the definition.</summary>
    public string Cite(MapNode rule)
    {
        if (rule.Scalar("cite") is ScalarNode own)
        {
            return Expand(own);
        }

        if (DefaultCite.Length == 0)
        {
            Diagnostics.Add(DiagnosticCatalog.NoSource, rule.Entries.Count > 0 ? rule.Entries[0].Key : rule);
        }

        return DefaultCite;
    }

    /// <summary>A text that can name a C# type or member.</summary>
    public string Identifier(ScalarNode node, string use)
    {
        if (!SyntaxFacts.IsValidIdentifier(node.Text) || !char.IsUpper(node.Text[0]))
        {
            Diagnostics.Add(
                DiagnosticCatalog.MalformedName, node, node.Text, use, "write letters and digits, an upper-case letter first");
        }

        return node.Text;
    }

    /// <summary>Words that a C# name is made of: <c>page_2m</c> or <c>low-ve</c>.</summary>
    public string Words(ScalarNode node, string use)
    {
        if (!SyntaxFacts.IsValidIdentifier(PascalCase.From(node.Text)))
        {
            Diagnostics.Add(
                DiagnosticCatalog.MalformedName, node, node.Text, use, "write letters, digits, _ and -, a letter first");
        }

        return node.Text;
    }

    /// <summary>Reports names that are used twice.</summary>
    public void RequireUnique(IEnumerable<ScalarNode> names, string use)
    {
        var seen = new Dictionary<string, ScalarNode>(StringComparer.Ordinal);
        foreach (ScalarNode name in names)
        {
            if (seen.TryGetValue(name.Text, out ScalarNode? first))
            {
                Diagnostics.Add(
                    DiagnosticCatalog.DuplicateName, name, name.Text, use, LineOf(first));
            }
            else
            {
                seen.Add(name.Text, name);
            }
        }
    }

    /// <summary>The line that something stands in, for messages; of the base's file when it came from there.</summary>
    public static string LineOf(Node node) => node.Span.Inherited is { } from
        ? $"{from.Line.ToString(CultureInfo.InvariantCulture)} of {from.File}"
        : (node.Span.Line + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>A whole number within bounds, or null with a diagnostic.</summary>
    public ulong? Number(ScalarNode? node, string key, ulong minimum, ulong maximum)
    {
        if (node is null)
        {
            return null;
        }

        if (!TryNumber(node.Text, out ulong value) || value < minimum || value > maximum)
        {
            string allowed = maximum < ulong.MaxValue ? $"a whole number from {minimum} to {maximum}"
                : minimum > 0 ? $"a whole number from {minimum} on"
                : "a whole number, decimal or 0x";
            Diagnostics.Add(DiagnosticCatalog.NumberOutside, node, key, allowed, node.Text);
            return null;
        }

        return value;
    }

    /// <summary>Bits as manuals write them; empty with a diagnostic when they are none.</summary>
    public EquatableArray<BitSpan> Bits(MapNode owner, string key, int wordBits, string word)
    {
        var spans = new List<BitSpan>();
        ulong[] seen = new ulong[(wordBits + 63) / 64];
        foreach (ScalarNode node in owner.Scalars(key))
        {
            if (!TryBits(node, wordBits, word, out BitSpan span))
            {
                HasUnknownBits = true;
                continue;
            }

            spans.Add(span);
            for (int bit = span.Low; bit <= span.High; bit++)
            {
                if ((seen[bit / 64] >> (bit % 64) & 1) != 0)
                {
                    Diagnostics.Add(
                        DiagnosticCatalog.BitOverlap, node, $"Bit {bit}", word, "this list", "the same list again", "");
                    break;
                }

                seen[bit / 64] |= 1ul << (bit % 64);
            }
        }

        return spans.ToEquatableArray();
    }

    /// <summary>The numbers of a list of numbers and ranges <c>2..3</c>.</summary>
    public IEnumerable<ulong> Ranges(MapNode owner, string key) => owner.Scalars(key).SelectMany(n => Range(n, key));

    /// <summary>The numbers of a number or a range <c>2..3</c>.</summary>
    /// <param name="open">Where a range ends that names no end; null when such a range means nothing.</param>
    public IEnumerable<ulong> Range(ScalarNode node, string key, ulong? open = null)
    {
        string[] ends = node.Text.Split([".."], StringSplitOptions.None);
        if (open is ulong end && ends.Length == 2 && ends[1].Length == 0 && TryNumber(ends[0], out ulong from))
        {
            ends[1] = Math.Max(from, end).ToString(CultureInfo.InvariantCulture);
        }

        if (ends.Length > 2 || !TryNumber(ends[0], out ulong first) || !TryNumber(ends[ends.Length - 1], out ulong last))
        {
            Diagnostics.Add(DiagnosticCatalog.NumberOutside, node, key, "a number or a range such as 2..3", node.Text);
            yield break;
        }

        if (last < first)
        {
            Diagnostics.Add(DiagnosticCatalog.ReversedRange, node, node.Text, $"{ends[1]}..{ends[0]}");
            yield break;
        }

        // No range of levels, values or widths is longer; a typing error must not fill the memory.
        const ulong longest = 4096;
        if (last - first >= longest)
        {
            Diagnostics.Add(DiagnosticCatalog.NumberOutside, node, key, $"a range of at most {longest} numbers", node.Text);
            yield break;
        }

        for (ulong value = first; value <= last; value++)
        {
            yield return value;
        }
    }

    /// <summary>The capabilities that a rule depends on.</summary>
    public ConditionSpec Condition(MapNode rule)
    {
        foreach (ScalarNode name in rule.Scalars("needs").Concat(rule.Scalars("unless")))
        {
            RequireCapability(name);
        }

        return new ConditionSpec(
            rule.Scalars("needs").Select(n => n.Text).ToEquatableArray(),
            rule.Scalars("unless").Select(n => n.Text).ToEquatableArray());
    }

    /// <summary>Reports a capability that is not declared.</summary>
    public void RequireCapability(ScalarNode name)
    {
        if (!_capabilities.Contains(name.Text))
        {
            Diagnostics.Add(DiagnosticCatalog.UnknownCapability, name, name.Text, Spelling.Suggest(name.Text, _capabilities));
        }
    }

    /// <summary>The enumeration that a field names, with a diagnostic when it is not declared or too wide.</summary>
    public string? Enum(MapNode field, int width)
    {
        if (field.Scalar("enum") is not ScalarNode name)
        {
            return null;
        }

        EnumSpec? found = Enums.FirstOrDefault(e => e.Name == name.Text);
        if (found is null)
        {
            Diagnostics.Add(
                DiagnosticCatalog.UnknownEnum, name, name.Text, Spelling.Suggest(name.Text, Enums.Select(e => e.Name)));
            return null;
        }

        foreach (EnumMemberSpec member in found.Members)
        {
            if (width < 64 && member.Value >> width != 0)
            {
                Diagnostics.Add(
                    DiagnosticCatalog.EnumTooWide,
                    name,
                    member.Value.ToString(CultureInfo.InvariantCulture),
                    member.Name,
                    found.Name,
                    width.ToString(CultureInfo.InvariantCulture),
                    field.Text("name"));
            }
        }

        return found.Name;
    }

    /// <summary>A definition that this one refers to by name, or null with a diagnostic when there is none.</summary>
    public TSpec? Refer<TSpec>(ScalarNode node, string kind, string name)
        where TSpec : DefinitionSpec
    {
        // A base's wrong reference is told at the base.
        if (!Names.MayHave(kind, name) && node.Span.Inherited is null)
        {
            Diagnostics.Add(
                DiagnosticCatalog.UnknownDefinition,
                node,
                kind.Replace('-', ' '),
                name,
                Spelling.Suggest(name, Names.NamesOf(kind)));
        }

        return Names.Find<TSpec>(name);
    }

    private static bool TryNumber(string text, out ulong value) => text.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.TryParse(text.Substring(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private bool TryBits(ScalarNode node, int wordBits, string word, out BitSpan span)
    {
        span = default;
        string[] ends = node.Text.Split(':');
        if (ends.Length > 2
            || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int high)
            || !int.TryParse(ends[ends.Length - 1], NumberStyles.None, CultureInfo.InvariantCulture, out int low))
        {
            Diagnostics.Add(DiagnosticCatalog.MalformedBits, node, node.Text);
            return false;
        }

        if (high < low)
        {
            Diagnostics.Add(DiagnosticCatalog.ReversedRange, node, node.Text, $"{low}:{high}");
            return false;
        }

        if (high >= wordBits)
        {
            Diagnostics.Add(
                DiagnosticCatalog.BitOutside,
                node,
                high.ToString(CultureInfo.InvariantCulture),
                wordBits.ToString(CultureInfo.InvariantCulture),
                word,
                (wordBits - 1).ToString(CultureInfo.InvariantCulture));
            return false;
        }

        span = new BitSpan(high, low);
        return true;
    }

    private string Expand(ScalarNode cite)
    {
        int end = cite.Text.IndexOf(' ');
        string key = end < 0 ? cite.Text : cite.Text.Substring(0, end);
        SourceSpec? source = Sources.FirstOrDefault(s => s.Key == key);
        if (source is null)
        {
            Diagnostics.Add(
                DiagnosticCatalog.UnknownSource, cite, cite.Text, string.Join(", ", Sources.Select(s => s.Key)));
            return cite.Text;
        }

        return end < 0 ? source.Title : $"{source.Title}, {cite.Text.Substring(end + 1)}";
    }

    private IEnumerable<EnumSpec> ReadEnums()
    {
        foreach (MapEntry entry in Root.Map("enums")?.Entries ?? default)
        {
            MapNode[] members = [.. ((ListNode)entry.Value).Items.OfType<MapNode>()];
            RequireUnique(members.Select(m => m.Scalar("name")!), "a member");
            RequireUnique(members.Select(m => m.Scalar("value")!), "a value");
            yield return new EnumSpec(
                Identifier(entry.Key, "the name of a C# enumeration"),
                members
                    .Select(m => new EnumMemberSpec(
                        Number(m.Scalar("value"), "value", 0, ulong.MaxValue) ?? 0,
                        Identifier(m.Scalar("name")!, "the name of an enumeration member"),
                        m.Text("doc")))
                    .OrderBy(m => m.Value)
                    .ToEquatableArray(),
                entry.Key.Span.Inherited is not null);
        }
    }
}

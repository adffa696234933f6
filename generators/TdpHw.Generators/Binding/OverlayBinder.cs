using System.Globalization;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>
/// Gives an overlay its meaning, and proves it against the format it lies on and the importers that it is shared with: its bits
/// are ignored there, its special entries map nothing.
/// </summary>
internal sealed class OverlayBinder
{
    private readonly Dictionary<int, HashSet<string>> _asked = [];
    private readonly DefinitionScope _scope;
    private readonly MapNode _root;
    private readonly FormatSpec? _base;
    private readonly string[] _off;
    private EquatableArray<CapabilitySpec> _capabilities;
    private FieldSpec[] _views = [];

    private OverlayBinder(DefinitionScope scope)
    {
        _scope = scope;
        _root = scope.Root;
        ScalarNode name = _root.Scalar("base")!;
        _base = scope.Refer<FormatSpec>(name, "page-table-format", name.Text);
        _off = [.. _root.Scalars("unless").Select(s => s.Text)];
    }

    /// <summary>The overlay, or null when the format that it lies on is missing or has errors of its own.</summary>
    public static OverlaySpec? Bind(DefinitionScope scope) => new OverlayBinder(scope).Bind();

    private OverlaySpec? Bind()
    {
        if (_base is not null)
        {
            CheckNames(_root.Scalars("unless"), _base);
        }

        MemberNames.CheckOverlay(_scope);
        _capabilities = CapabilityReader.Read(_scope);
        ReadViews();
        MapNode[] variants = [.. _root.Maps("variants")];
        _scope.RequireUnique(variants.Select(v => v.Scalar("id")!), "a variant");
        foreach (MapNode node in _root.Maps("fields").Concat(_root.Maps("encodings"))
            .Concat(_root.Maps("encodings").SelectMany(e => e.Maps("fields"))))
        {
            CheckVariants(node, variants);
        }

        EquatableArray<OverlayVariantSpec> bound = variants.Select(BindVariant).ToEquatableArray();
        return _base is null ? null : new OverlaySpec(
            _scope.Name,
            _scope.Id,
            _scope.Doc,
            _scope.DefaultCite,
            _scope.Sources,
            _scope.Enums,
            _base.Name,
            _base.Id,
            _root.Text("default") == "true",
            _off.ToEquatableArray(),
            _capabilities,
            bound);
    }

    private void CheckNames(IEnumerable<ScalarNode> capabilities, FormatSpec format)
    {
        foreach (ScalarNode name in capabilities.Where(name => format.Capabilities.All(c => c.Name != name.Text)))
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.UnknownCapability,
                name,
                name.Text,
                Spelling.Suggest(name.Text, format.Capabilities.Select(c => c.Name)));
        }
    }

    private void CheckVariants(MapNode node, MapNode[] variants)
    {
        foreach (ScalarNode name in node.Scalars("variants"))
        {
            if (variants.All(v => v.Text("id") != name.Text))
            {
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.UnknownDefinition,
                    name,
                    "variant",
                    name.Text,
                    Spelling.Suggest(name.Text, variants.Select(v => v.Text("id"))));
            }
        }
    }

    private static bool IsIn(MapNode node, string variant) =>
        node["variants"] is null || node.Scalars("variants").Any(v => v.Text == variant);

    private OverlayVariantSpec BindVariant(MapNode variant)
    {
        string id = _scope.Words(variant.Scalar("id")!, "the id of a variant");
        MapNode[] nodes = [.. _root.Maps("fields").Where(n => IsIn(n, id))];
        _scope.RequireUnique(nodes.Select(n => n.Scalar("name")!), "a field of variant " + id);
        FieldSpec[] fields = [.. nodes.Select(ReadField)];
        for (int i = 0; i < nodes.Length; i++)
        {
            CheckOverlaps(nodes, fields, i);
            CheckIgnored(variant, nodes[i], fields[i]);
        }

        // Without the base, its fields would only be reported as unknown.
        TestReader? tests = _base is null ? null : new TestReader(_scope, [.. _base.Fields, .. fields, .. _views], _scope.Name);
        MapNode[] encodingNodes = [.. _root.Maps("encodings").Where(n => IsIn(n, id))];
        _scope.RequireUnique(encodingNodes.Select(n => n.Scalar("name")!), "an encoding of variant " + id);
        foreach (MapNode node in encodingNodes)
        {
            _scope.RequireUnique(
                node.Maps("fields").Where(f => IsIn(f, id)).Select(f => f.Scalar("name")!),
                $"a field of encoding '{node.Text("name")}' of variant {id}");
        }

        MemberNames.CheckVariant(
            _scope,
            _scope.Name + PascalCase.From(id),
            nodes.Select(n => n.Scalar("name")!),
            encodingNodes.Select(n => (
                n.Scalar("name")!, n.Maps("fields").Where(f => IsIn(f, id)).Select(f => f.Scalar("name")!), n.Map("when") is null)));
        EncodingSpec[] encodings = [.. encodingNodes.Select(n => BindEncoding(n, id, tests))];
        return new OverlayVariantSpec(
            id,
            PascalCase.From(id),
            variant.Text("doc"),
            _scope.Bits(variant, "zero", 64, "entry").Mask(),
            fields.ToEquatableArray(),
            encodings.Where(e => e.Name != "empty").ToEquatableArray(),
            encodings.Where(e => e.Name == "empty").SelectMany(e => e.Values).DefaultIfEmpty(0ul).ToEquatableArray());
    }

    private FieldSpec ReadField(MapNode node)
    {
        EquatableArray<BitSpan> bits = _scope.Bits(node, "bits", 64, "entry");
        int levels = _base?.Levels.Count ?? 1;
        EntryLayouts layouts = node["for"] is null ? EntryLayouts.Present
            : node.Scalars("for").Aggregate(
                EntryLayouts.None, (l, word) => l | (word.Text == "leaf" ? EntryLayouts.Leaf : EntryLayouts.Table));
        return new FieldSpec(
            _scope.Identifier(node.Scalar("name")!, "the name of a C# property"),
            node.Text("sym"),
            bits,
            ((1u << levels) - 1) << 1,
            layouts,
            ConditionSpec.Always,
            FieldRole.None,
            _scope.Enum(node, bits.Width()),
            node.Text("doc"),
            _scope.Cite(node));
    }

    private void ReadViews()
    {
        MapNode[] nodes = [.. _root.Maps("views")];
        _scope.RequireUnique(_root.Maps("fields").Where(n => n["variants"] is null).Concat(nodes).Select(n => n.Scalar("sym")!), "a symbol");
        _views =
        [
            .. nodes.Select(n => new FieldSpec(
                "",
                n.Text("sym"),
                _scope.Bits(n, "bits", 64, "entry"),
                uint.MaxValue,
                EntryLayouts.Present | EntryLayouts.NotPresent,
                ConditionSpec.Always,
                FieldRole.None,
                null,
                n.Text("doc"),
                _scope.Cite(n))),
        ];
    }

    private void CheckOverlaps(MapNode[] nodes, FieldSpec[] fields, int index)
    {
        for (int other = 0; other < index; other++)
        {
            ulong both = fields[index].Mask & fields[other].Mask;
            if (both != 0 && (fields[index].Layouts & fields[other].Layouts) != 0)
            {
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.BitOverlap,
                    nodes[index]["bits"]!,
                    BitSpans.Sentence(both),
                    _scope.Name,
                    $"field '{fields[other].Name}'",
                    $"field '{fields[index].Name}'",
                    "");
            }
        }
    }

    private void CheckIgnored(MapNode variant, MapNode node, FieldSpec field)
    {
        if (_base is not null && FindNotIgnored(_base, field, _off) is var (bits, place, when) && bits != 0)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.OverlayBitNotIgnored,
                node["bits"]!,
                BitSpans.Sentence(bits),
                field.Name,
                place,
                _base.Name,
                when);
        }

        foreach (ScalarNode name in variant.Scalars("shared-with"))
        {
            FormatSpec? importer = _scope.Refer<FormatSpec>(name, "page-table-format", name.Text);
            if (importer is not null && FindNotIgnored(importer, field, []) is var (seen, where, under) && seen != 0)
            {
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.OverlayBitNotIgnoredByImporter,
                    node["bits"]!,
                    BitSpans.Sentence(seen),
                    field.Name,
                    where,
                    importer.Name,
                    under,
                    variant.Text("id"));
            }
        }
    }

    private static (ulong Bits, string Place, string When) FindNotIgnored(FormatSpec format, FieldSpec field, string[] off)
    {
        string[] flags = [.. format.Capabilities.Where(c => c.Kind == CapabilityKind.Flag).Select(c => c.Name).Except(off)];
        foreach (LevelSpec level in format.Levels)
        {
            foreach (EntryLayouts layout in new[] { EntryLayouts.Leaf, EntryLayouts.Table })
            {
                bool exists = layout == EntryLayouts.Leaf ? level.HasLeaf : level.HasTable;
                if (!exists || (field.Layouts & layout) == 0)
                {
                    continue;
                }

                MaskSpec ignored = level.Ignored(layout);
                string[] relevant = [.. flags.Where(f => ignored.Terms.Any(t => t.When.Capabilities.Contains(f)))];
                for (int setting = 0; setting < 1 << relevant.Length; setting++)
                {
                    string[] on = [.. relevant.Where((_, i) => (setting >> i & 1) != 0)];
                    ulong bits = field.Mask & ~ignored.Certain(on);
                    if (bits != 0)
                    {
                        string place = $"{level.EntryName} (level {level.Level}, {(layout == EntryLayouts.Leaf ? "leaf" : "table")})";
                        ulong everIgnored = ignored.Terms.Aggregate(ignored.Always, (mask, t) => mask | t.Bits);
                        bool isConditional = (field.Mask & ~everIgnored) == 0;
                        return (bits, place, isConditional ? Settings(relevant, on) : "");
                    }
                }
            }
        }

        return default;
    }

    private static string Settings(string[] flags, string[] on) =>
        " when " + string.Join(" and ", flags.Select(f => $"{f} is {(on.Contains(f) ? "on" : "off")}"))
        + "; name it in the overlay's unless if the software needs it off";

    private EncodingSpec BindEncoding(MapNode node, string variant, TestReader? tests)
    {
        ulong[] values =
        [
            .. node.Scalars("values").Select(v => _scope.Number(v, "values", 0, ulong.MaxValue)).OfType<ulong>(),
        ];
        TestSpec? test = node.Map("when") is null ? null : ReadTest(node, tests);
        if (node.Scalars("values").Any() == node.Map("when") is not null)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.MissingKey, node.Scalar("name")!, "An encoding", "one of 'when' and 'values', not both");
        }

        ulong mask = test?.Matches.Aggregate(0ul, (bits, m) => bits | m.Mask) ?? ulong.MaxValue;
        ulong value = test?.Matches.Aggregate(0ul, (bits, m) => bits | m.Value) ?? 0;
        int width = ReadWidth(node);
        foreach (ulong known in test is null ? values : [value])
        {
            CheckMapsNothing(node, mask, known, width);
        }

        return new EncodingSpec(
            _scope.Words(node.Scalar("name")!, "the name of an encoding"),
            values.ToEquatableArray(),
            test is null ? 0 : mask,
            value,
            node.Maps("fields").Where(f => IsIn(f, variant)).Select(ReadEncodingField).ToEquatableArray(),
            node.Text("doc"),
            _scope.Cite(node));
    }

    private TestSpec? ReadTest(MapNode node, TestReader? tests)
    {
        IReadOnlyList<TestSpec> alternatives = tests?.Read(node) ?? [];
        if (alternatives.Count > 1)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.WrongShape,
                node.Map("when")!.Entries[0].Key,
                "when",
                "values of an encoding that one mask and one value tell",
                $"{alternatives.Count} alternatives");
        }

        return alternatives.Count == 0 ? null : alternatives[0];
    }

    private EncodingFieldSpec ReadEncodingField(MapNode node)
    {
        EquatableArray<BitSpan> bits = _scope.Bits(node, "bits", 64, "entry");
        DisplacementSpec? displacement = null;
        if (node.Map("displace") is MapNode displace)
        {
            _scope.RequireCapability(displace.Scalar("below")!);
            CapabilitySpec? width = _capabilities.FirstOrDefault(c => c.Name == displace.Text("below"));
            displacement = new DisplacementSpec(
                (int)(_scope.Number(displace.Scalar("bits"), "bits", 1, 16) ?? 1),
                width?.Property ?? "",
                width?.Name ?? "",
                width?.Minimum ?? 0,
                width?.Maximum ?? 0);
            CheckDisplacement(node, bits, displacement);
        }

        return new EncodingFieldSpec(
            _scope.Identifier(node.Scalar("name")!, "the name of a C# property"),
            bits,
            displacement,
            node.Text("doc"),
            _scope.Cite(node));
    }

    private void CheckDisplacement(MapNode node, EquatableArray<BitSpan> bits, DisplacementSpec displacement)
    {
        if (bits.Count > 1)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.NumberOutside, node["bits"]!, "bits", "one range where bits are displaced", bits.Format());
        }

        // What is displaced stands below the width and goes above it, all within the entry.
        int most = 64 - displacement.Bits;
        if (displacement.Capability.Length != 0 && (displacement.Minimum < displacement.Bits || displacement.Maximum > most))
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.NumberOutside,
                node.Map("displace")!.Scalar("below")!,
                "below",
                $"a capability of which every width is from {displacement.Bits} to {most}",
                displacement.Capability);
        }
    }

    /// <summary>How wide addresses are at most where the software writes the encoding.</summary>
    private int ReadWidth(MapNode node)
    {
        CapabilitySpec? limit = _base?.Capabilities.FirstOrDefault(c => c.Property == _base.AddressLimit);
        int most = 64;
        foreach (MapEntry entry in node.Map("within")?.Entries ?? default)
        {
            ulong[] widths = [.. _scope.Ranges(node.Map("within")!, entry.Key.Text)];
            if (limit is not null && entry.Key.Text == limit.Name)
            {
                most = widths.Length == 0 ? 64 : (int)Math.Min(64, widths.Max());
            }
            else if (_base is not null)
            {
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.UnknownCapability,
                    entry.Key,
                    entry.Key.Text,
                    limit is null ? "the format's addresses are always as wide" : $"the width of the format's addresses is '{limit.Name}'");
            }
        }

        return most;
    }

    private void CheckMapsNothing(MapNode node, ulong mask, ulong value, int width)
    {
        if (_base is null)
        {
            return;
        }

        CheckNames(node.Scalars("unless"), _base);
        string[] free =
        [
            .. _base.Capabilities
                .Where(c => c.Kind != CapabilityKind.Width)
                .Select(c => c.Name)
                .Except(_off)
                .Except(node.Scalars("unless").Select(s => s.Text)),
        ];
        foreach (LevelSpec level in _base.Levels)
        {
            // Settings that differ only in what the level never asks are one.
            string[] flags = [.. free.Where(AskedAt(level).Contains)];
            for (int setting = 0; setting < 1 << flags.Length; setting++)
            {
                string[] on = [.. flags.Where((_, i) => (setting >> i & 1) != 0)];
                bool isNotPresent = level.Present.All(p => !p.When.Holds(on) || IsRefuted(p.Test, mask, value, on));
                bool isMalformed = (!level.HasLeaf || IsMalformed(level, EntryLayouts.Leaf, mask, value, on, width))
                    && (!level.HasTable || IsMalformed(level, EntryLayouts.Table, mask, value, on, width));
                if (!isNotPresent && !isMalformed)
                {
                    string[] decisive = [.. flags.Where(f => level.Present.SelectMany(p => p.Test.Any)
                        .Any(a => a.When.Capabilities.Contains(f) && (a.Mask & ~mask | a.Mask & value) != 0))];
                    _scope.Diagnostics.Add(
                        DiagnosticCatalog.EncodingTranslates,
                        node.Scalar("name")!,
                        node.Text("name"),
                        _base.Name,
                        level.Level.ToString(CultureInfo.InvariantCulture),
                        decisive.Any(on.Contains) ? Settings(decisive, on) : "");
                    return;
                }
            }
        }
    }

    /// <summary>The capabilities that decide what is present and what is malformed at a level.</summary>
    private HashSet<string> AskedAt(LevelSpec level)
    {
        if (_asked.TryGetValue(level.Level, out HashSet<string>? known))
        {
            return known;
        }

        IEnumerable<TestSpec> tests = level.Present.Select(p => p.Test).Concat(level.Illegal.Select(i => i.Test));
        IEnumerable<ConditionSpec> conditions = level.Present.Select(p => p.When)
            .Concat(level.Illegal.Select(i => i.When))
            .Concat(tests.SelectMany(t => t.Matches.Select(m => m.When).Concat(t.Any.Select(a => a.When))));
        MaskSpec[] reserved = [level.LeafReserved, level.TableReserved];
        return _asked[level.Level] =
        [
            .. conditions.SelectMany(c => c.Capabilities),
            .. reserved.SelectMany(r => r.Terms).SelectMany(t => t.When.Capabilities),
            .. _base!.Capabilities.Where(c => reserved.Any(r => r.Except.Contains(c.Property))).Select(c => c.Name),
        ];
    }

    /// <summary>Whether every entry of the layout with the known bits is refused or has a reserved bit set.</summary>
    private bool IsMalformed(LevelSpec level, EntryLayouts layout, ulong mask, ulong value, string[] on, int width) =>
        level.Illegal.Any(i => i.When.Holds(on) && (i.Layouts & layout) != 0 && IsImplied(i.Test, mask, value, on))
        || (value & mask & CertainlyReserved(layout == EntryLayouts.Leaf ? level.LeafReserved : level.TableReserved, on, width)) != 0;

    private ulong CertainlyReserved(MaskSpec reserved, string[] on, int width)
    {
        bool hasExceptions = _base!.Capabilities.Any(c => reserved.Except.Contains(c.Property) && (c.Kind == CapabilityKind.Width || on.Contains(c.Name)));
        int first = width - _base.AddressShift;
        return reserved.Certain(on) | (hasExceptions || first >= 64 ? 0 : reserved.Beyond(on) & (ulong.MaxValue << first));
    }

    /// <summary>Whether no entry with the known bits can pass the test.</summary>
    private static bool IsRefuted(TestSpec test, ulong mask, ulong value, string[] on) =>
        test.Matches.Any(m => m.When.Holds(on) ? ((value ^ m.Value) & m.Mask & mask) != 0 : m.Value != 0)
        || (test.Any.Count > 0 && test.Any.All(a => !a.When.Holds(on)
            || ((a.Mask & ~mask) == 0 && ((a.Flip ^ value) & a.Mask) == 0 && (a.Beyond | a.BeyondHigh) == 0)));

    /// <summary>Whether every entry with the known bits passes the test.</summary>
    private static bool IsImplied(TestSpec test, ulong mask, ulong value, string[] on) =>
        test.Matches.All(m => m.When.Holds(on) ? (m.Mask & ~mask) == 0 && (value & m.Mask) == m.Value : m.Value == 0)
        && (test.Any.Count == 0 || test.Any.Any(a => a.When.Holds(on) && ((a.Flip ^ value) & a.Mask & mask) != 0));
}

using System.Globalization;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>Gives a page-table format its meaning: levels, fields, the status of every bit, tests.</summary>
internal sealed class FormatBinder
{
    private const int MaxLevels = 7;
    private const int MaxTests = 6;

    private readonly DefinitionScope _scope;
    private readonly MapNode _root;
    private readonly List<BitClaim> _claims = [];
    private readonly List<BitRuleSpec> _bitRules = [];
    private string[] _levelNames = [];
    private EquatableArray<FieldSpec> _fields;
    private AddressClaim? _address;
    private string? _limit;
    private int _pageShift;
    private int _indexBits;

    private FormatBinder(DefinitionScope scope)
    {
        _scope = scope;
        _root = scope.Root;
    }

    private uint AllLevels => ((1u << _levelNames.Length) - 1) << 1;

    public static FormatSpec Bind(DefinitionScope scope) => new FormatBinder(scope).Bind();

    private FormatSpec Bind()
    {
        _pageShift = (int)(_scope.Number(_root.Scalar("page"), "page", 10, 20) ?? 12);
        _indexBits = (int)(_scope.Number(_root.Scalar("index"), "index", 4, 16) ?? 9);
        ReadLevels();
        EquatableArray<CapabilitySpec> capabilities = CapabilityReader.Read(_scope);
        EquatableArray<WalkSpec> walks = _root.Maps("walks").Select(ReadWalk).OfType<WalkSpec>().ToEquatableArray();
        ReadFields(capabilities);
        ReadBitRules("reserved", BitStatus.Reserved);
        ReadBitRules("res0", BitStatus.Res0);
        ReadBitRules("ignored", BitStatus.Ignored);

        var tests = new TestReader(_scope, _fields, _scope.Name);
        var levels = new List<LevelSpec>();
        var accounting = new BitAccounting(_claims, _address, _levelNames, _scope.Diagnostics);
        MapNode[] illegalRules = [.. _root.Maps("illegal")];
        _scope.RequireUnique(illegalRules.Select(r => r.Scalar("name")!), "an illegal rule");
        CheckRuleForms(tests, illegalRules);
        for (int level = 1; level <= _levelNames.Length; level++)
        {
            levels.Add(BindLevel(level, tests, accounting, illegalRules));
        }

        accounting.Report(_scope.HasUnknownBits ? null : _root.Entries.First(e => e.Key.Text == "fields").Key);
        if (levels.Count > 0 && !levels[0].HasLeaf)
        {
            _scope.Diagnostics.Add(DiagnosticCatalog.NoLeafRule, _root.Entries.First(e => e.Key.Text == "leaf").Key);
        }

        return new FormatSpec(
            _scope.Name,
            _scope.Id,
            _scope.Doc,
            _scope.DefaultCite,
            _scope.Sources,
            _scope.Enums,
            _root.Text("input"),
            _pageShift,
            _indexBits,
            _root.Text("check-order") == "permission-first",
            _root.Scalar("malformed-word")?.Text,
            walks,
            capabilities,
            _fields,
            _bitRules.ToEquatableArray(),
            illegalRules.Select(r => new IllegalRuleSpec(r.Text("name"), r.Text("doc"), _scope.Cite(r))).ToEquatableArray(),
            _root.Maps("windows").Select(ReadWindow).ToEquatableArray(),
            _limit,
            _address?.Span ?? 0,
            levels.ToEquatableArray());
    }

    private void ReadLevels()
    {
        var names = new SortedDictionary<int, string>();
        foreach (MapEntry entry in _root.Map("levels")?.Entries ?? default)
        {
            if (_scope.Number(entry.Key, "levels", 1, MaxLevels) is ulong level)
            {
                names[(int)level] = ((ScalarNode)entry.Value).Text;
            }
        }

        _levelNames = [.. names.Values];
        if (names.Count == 0 || names.Keys.Last() != names.Count)
        {
            _scope.HasUnknownBits = true;
            _scope.Diagnostics.Add(
                DiagnosticCatalog.NumberOutside,
                _root.Entries.First(e => e.Key.Text == "levels").Key,
                "levels",
                "levels from 1 on without a gap",
                string.Join(", ", names.Keys));
        }
        else if (ShiftOf(names.Count) >= 64)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.NumberOutside,
                _root.Entries.First(e => e.Key.Text == "levels").Key,
                "levels",
                "levels of which the highest starts below address bit 64",
                names.Count.ToString(CultureInfo.InvariantCulture));
            _scope.HasUnknownBits = true;
        }
    }

    private WalkSpec? ReadWalk(MapNode node)
    {
        ulong? levels = _scope.Number(node.Scalar("levels"), "levels", 1, (ulong)Math.Max(1, _levelNames.Length));
        if (levels is null)
        {
            return null;
        }

        // The root table holds at least two entries and at most 16 tables' worth of them.
        int rootShift = ShiftOf((int)levels);
        ulong? input = _scope.Number(
            node.Scalar("input"), "input", (ulong)rootShift + 1, (ulong)Math.Min(64, rootShift + _indexBits + 4));
        return input is null ? null : new WalkSpec((int)levels, (int)input, _scope.Condition(node), _scope.Cite(node));
    }

    private WindowSpec ReadWindow(MapNode node)
    {
        ulong first = _scope.Number(node.Scalar("first"), "first", 0, ulong.MaxValue) ?? 0;
        return new WindowSpec(
            node.Text("name"),
            first,
            _scope.Number(node.Scalar("last"), "last", first, ulong.MaxValue) ?? first,
            node.Text("input") == "bypassed",
            node.Text("output") == "blocked",
            node.Text("doc"),
            _scope.Cite(node));
    }

    private int ShiftOf(int level) => _pageShift + ((level - 1) * _indexBits);

    private uint Levels(MapNode rule)
    {
        if (rule["levels"] is null)
        {
            return AllLevels;
        }

        uint mask = 0;
        foreach (ScalarNode node in rule.Scalars("levels"))
        {
            ulong[] levels = [.. _scope.Range(node, "levels")];
            _scope.HasUnknownBits |= levels.Length == 0;
            foreach (ulong level in levels)
            {
                if (level < 1 || level > (ulong)_levelNames.Length)
                {
                    _scope.HasUnknownBits = true;
                    _scope.Diagnostics.Add(
                        DiagnosticCatalog.UnknownLevel,
                        node,
                        level.ToString(CultureInfo.InvariantCulture),
                        $"1 to {_levelNames.Length}");
                    break;
                }

                mask |= 1u << (int)level;
            }
        }

        return mask;
    }

    private static EntryLayouts Layouts(MapNode rule) => rule["for"] is null
        ? EntryLayouts.Present
        : rule.Scalars("for").Aggregate(EntryLayouts.None, (layouts, word) => layouts | word.Text switch
        {
            "leaf" => EntryLayouts.Leaf,
            "table" => EntryLayouts.Table,
            _ => EntryLayouts.NotPresent,
        });

    private void ReadFields(EquatableArray<CapabilitySpec> capabilities)
    {
        MapNode[] nodes = [.. _root.Maps("fields")];
        _scope.RequireUnique(nodes.Select(n => n.Scalar("name")!), "a field");
        _scope.RequireUnique(nodes.Select(n => n.Scalar("sym")!), "a symbol");
        MemberNames.Check(_scope, [.. nodes.Select(n => n.Scalar("name")!)], _scope.Name + "Entry", isRegister: false);
        _fields = nodes.Select(ReadField).ToEquatableArray();
        for (int i = 0; i < nodes.Length; i++)
        {
            if (_fields[i].Role == FieldRole.Address)
            {
                ReadAddress(nodes[i], _fields[i], capabilities);
            }
            else
            {
                ClaimField(nodes[i], _fields[i]);
            }
        }

        CheckRoles(nodes);
        if (_address is null)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.MissingKey, _root.Entries.First(e => e.Key.Text == "fields").Key, "A format", "a field with 'role: address'");
        }
    }

    private void CheckRoles(MapNode[] nodes)
    {
        for (int i = 0; i < nodes.Length; i++)
        {
            int first = 0;
            while (first < i && !HaveOneRole(_fields[first], _fields[i]))
            {
                first++;
            }

            if (first < i)
            {
                ScalarNode role = nodes[i].Scalar("role")!;
                int line = nodes[first].Scalar("role")!.Span.Line + 1;
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.DuplicateName, role, role.Text, "a role", line.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static bool HaveOneRole(FieldSpec left, FieldSpec right) =>
        left.Role == right.Role
        && left.Role is not (FieldRole.None or FieldRole.Address)
        && (left.Levels & right.Levels) != 0
        && (left.Layouts & right.Layouts) != 0
        && !left.When.IsOpposite(right.When);

    private FieldSpec ReadField(MapNode node)
    {
        EquatableArray<BitSpan> bits = _scope.Bits(node, "bits", 64, "entry");
        return new FieldSpec(
            _scope.Identifier(node.Scalar("name")!, "the name of a C# property"),
            node.Text("sym"),
            bits,
            Levels(node),
            Layouts(node),
            _scope.Condition(node),
            node.Text("role") switch
            {
                "address" => FieldRole.Address,
                "accessed" => FieldRole.Accessed,
                "dirty" => FieldRole.Dirty,
                "memory-type" => FieldRole.MemoryType,
                _ => FieldRole.None,
            },
            _scope.Enum(node, bits.Width()),
            node.Text("doc"),
            _scope.Cite(node));
    }

    private void ReadAddress(MapNode node, FieldSpec field, EquatableArray<CapabilitySpec> capabilities)
    {
        Node at = node["bits"]!;
        if (field.Bits.Count > 1 || (field.Bits.Count == 1 && field.Bits[0].Low != _pageShift))
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.AddressGap,
                at,
                field.Bits.Format(),
                $"one range is needed whose lowest bit is that of the smallest page, {_pageShift}");
        }

        if (_address is not null)
        {
            _scope.Diagnostics.Add(DiagnosticCatalog.AddressGap, at, field.Bits.Format(), "another field has the role already");
        }

        if (node.Scalar("limit") is ScalarNode limit)
        {
            _scope.RequireCapability(limit);
            CapabilitySpec? capability = capabilities.FirstOrDefault(c => c.Name == limit.Text);
            _limit = capability?.Property;
            if (node["above"] is null)
            {
                _scope.Diagnostics.Add(DiagnosticCatalog.MissingKey, limit, "An address with 'limit'", "the key 'above'");
            }

            int highest = field.Bits.Count == 0 ? 63 : field.Bits[0].High;
            if (capability is not null && (capability.Kind != CapabilityKind.Width || capability.Maximum > highest + 1))
            {
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.AddressGap,
                    limit,
                    field.Bits.Format(),
                    $"capability '{limit.Text}' must be a width of at most {highest + 1} bits");
            }
        }

        _address = new AddressClaim(at, field.Mask, _limit is not null, Status(node, "above"), Status(node, "below"));
    }

    private static BitStatus? Status(MapNode node, string key) => node.Text(key) switch
    {
        "reserved" => BitStatus.Reserved,
        "res0" => BitStatus.Res0,
        "ignored" => BitStatus.Ignored,
        _ => null,
    };

    private void ClaimField(MapNode node, FieldSpec field)
    {
        EntryLayouts layouts = field.Layouts & EntryLayouts.Present;
        var claim = new BitClaim(
            node["bits"]!, $"field '{field.Name}'", BitStatus.Field, field.Mask, field.Levels, layouts, field.When, false);
        _claims.Add(claim);
        if (Status(node, "else") is BitStatus status)
        {
            _claims.Add(claim with { Label = $"the 'else' of field '{field.Name}'", Status = status, IsNegated = true });
            if (field.When.IsAlways)
            {
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.MissingKey, node.Scalar("else")!, "A field with 'else'", "the key 'needs' or 'unless'");
            }
        }
    }

    private void ReadBitRules(string key, BitStatus status)
    {
        foreach (MapNode node in _root.Maps(key))
        {
            var rule = new BitRuleSpec(
                status,
                _scope.Bits(node, "bits", 64, "entry"),
                Levels(node),
                Layouts(node),
                _scope.Condition(node),
                _scope.Cite(node));
            _bitRules.Add(rule);
            if (node["bits"] is Node at)
            {
                _claims.Add(new BitClaim(
                    at, $"'{key}'", status, rule.Bits.Mask(), rule.Levels, rule.Layouts, rule.When, false));
            }
        }
    }

    private void CheckRuleForms(TestReader tests, MapNode[] illegalRules)
    {
        // Tests are read once for each level; what is wrong with a rule's own form is reported once here.
        foreach (MapNode rule in _root.Maps("present").Concat(_root.Maps("leaf")).Concat(illegalRules).Concat(_root.Maps("rights")))
        {
            tests.Read(rule);
            _scope.Condition(rule);
            uint levels = Levels(rule);
            foreach (FieldSpec field in tests.FieldsOf(rule).Where(f => (levels & ~f.Levels) != 0))
            {
                int lacking = Enumerable.Range(1, _levelNames.Length).First(l => ((levels & ~field.Levels) >> l & 1) != 0);
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.UnknownField,
                    SymbolIn(rule, field),
                    field.Symbol,
                    $"{_scope.Name} at level {lacking}",
                    "narrow the rule with levels");
            }
        }

        foreach (MapNode rule in _root.Maps("leaf"))
        {
            uint levels = Levels(rule);
            foreach (FieldSpec field in tests.FieldsOf(rule))
            {
                for (int level = 1; level <= _levelNames.Length; level++)
                {
                    if ((levels >> level & 1) != 0 && (field.Layouts & EntryLayouts.Present) != EntryLayouts.Present)
                    {
                        _scope.Diagnostics.Add(
                            DiagnosticCatalog.SelectorInLeafOnly,
                            SymbolIn(rule, field),
                            field.Name,
                            level.ToString(CultureInfo.InvariantCulture),
                            (field.Layouts & EntryLayouts.Leaf) != 0 ? "leaf" : "table");
                    }
                }
            }
        }
    }

    private static ScalarNode SymbolIn(MapNode rule, FieldSpec field) =>
        rule.Scalars("any").Concat(rule.Map("when")?.Entries.Select(e => e.Key) ?? []).First(s => s.Text == field.Symbol);

    private LevelSpec BindLevel(int level, TestReader tests, BitAccounting accounting, MapNode[] illegalRules)
    {
        int shift = ShiftOf(level);
        MapNode[] leafRules = [.. AtLevel("leaf", level)];
        EquatableArray<LeafSpec> leaf = leafRules.SelectMany(r => ReadLeaf(r, tests)).ToEquatableArray();
        bool hasLeaf = leaf.Count > 0;
        bool hasTable = !leaf.Any(l => l.Test.IsAlways && l.When.IsAlways);
        EntryLayouts existing = (hasLeaf ? EntryLayouts.Leaf : 0) | (hasTable ? EntryLayouts.Table : 0);
        EquatableArray<PresentSpec> present = AtLevel("present", level)
            .SelectMany(r => tests.Read(r).Select(t => new PresentSpec(t, _scope.Condition(r))))
            .ToEquatableArray();
        EquatableArray<IllegalSpec> illegal = illegalRules
            .Select((rule, name) => (rule, name))
            .Where(r => (Levels(r.rule) >> level & 1) != 0 && (Layouts(r.rule) & existing) != 0)
            .SelectMany(r => tests.Read(r.rule)
                .Select(t => new IllegalSpec(t, _scope.Condition(r.rule), Layouts(r.rule), r.name)))
            .ToEquatableArray();
        Require(present.Count, "present", level);
        Require(leaf.Count, "leaf", level);
        Require(illegal.Count, "illegal", level);
        foreach (EntryLayouts layout in new[] { EntryLayouts.Leaf, EntryLayouts.Table })
        {
            if (layout == EntryLayouts.Leaf ? hasLeaf : hasTable)
            {
                accounting.Check(level, layout, shift);
            }
        }

        MaskSpec Mask(BitStatus status, EntryLayouts layout) => (layout == EntryLayouts.Leaf ? hasLeaf : hasTable)
            ? accounting.MaskOf(status, level, layout, shift)
            : MaskSpec.Empty;
        MaskSpec tableReserved = Mask(BitStatus.Reserved, EntryLayouts.Table);
        return new LevelSpec(
            level,
            _levelNames[level - 1],
            shift,
            hasLeaf,
            hasTable,
            present,
            leaf,
            illegal,
            AtLevel("rights", level).SelectMany(r => ReadRight(r, tests)).ToEquatableArray(),
            Mask(BitStatus.Reserved, EntryLayouts.Leaf),
            tableReserved with { Terms = tableReserved.Terms.Concat(RefusedSelectors(leaf)).ToEquatableArray() },
            Mask(BitStatus.Res0, EntryLayouts.Leaf),
            Mask(BitStatus.Res0, EntryLayouts.Table),
            Mask(BitStatus.Ignored, EntryLayouts.Leaf),
            Mask(BitStatus.Ignored, EntryLayouts.Table),
            hasLeaf ? accounting.AddressOf(level, EntryLayouts.Leaf, shift) : MaskSpec.Empty,
            hasTable ? accounting.AddressOf(level, EntryLayouts.Table, shift) : MaskSpec.Empty,
            RoleMask(FieldRole.Accessed, level, EntryLayouts.Leaf, hasLeaf),
            RoleMask(FieldRole.Accessed, level, EntryLayouts.Table, hasTable),
            RoleMask(FieldRole.Dirty, level, EntryLayouts.Leaf, hasLeaf),
            RoleMask(FieldRole.MemoryType, level, EntryLayouts.Leaf, hasLeaf));
    }

    private IEnumerable<MapNode> AtLevel(string key, int level) =>
        _root.Maps(key).Where(r => (Levels(r) >> level & 1) != 0);

    private IEnumerable<LeafSpec> ReadLeaf(MapNode rule, TestReader tests)
    {
        ConditionSpec condition = _scope.Condition(rule);
        bool isRefused = rule.Text("else") == "reserved";
        return tests.Read(rule).Select(t => new LeafSpec(
            t, isRefused ? ConditionSpec.Always : condition, isRefused ? condition : ConditionSpec.Always));
    }

    private IEnumerable<RightSpec> ReadRight(MapNode rule, TestReader tests)
    {
        string name = PascalCase.From(rule.Text("right"));
        return tests.Read(rule).Select(t => new RightSpec(name, t, _scope.Condition(rule)));
    }

    private static IEnumerable<MaskTerm> RefusedSelectors(EquatableArray<LeafSpec> leaf) => leaf
        .Where(l => !l.Supported.IsAlways)
        .Select(l => new MaskTerm(
            l.Test.Matches.Aggregate(0ul, (bits, m) => bits | m.Mask) | l.Test.Any.Aggregate(0ul, (bits, a) => bits | a.Mask),
            l.Supported,
            IsNegated: true));

    private MaskSpec RoleMask(FieldRole role, int level, EntryLayouts layout, bool exists)
    {
        if (!exists)
        {
            return MaskSpec.Empty;
        }

        FieldSpec[] fields = [.. _fields.Where(f => f.Role == role && f.AppliesTo(level, layout))];
        return new MaskSpec(
            fields.Where(f => f.When.IsAlways).Aggregate(0ul, (bits, f) => bits | f.Mask),
            fields.Where(f => !f.When.IsAlways).Select(f => new MaskTerm(f.Mask, f.When, false)).ToEquatableArray(),
            0,
            0);
    }

    private void Require(int count, string key, int level)
    {
        if (count > MaxTests)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.TooManyRules,
                _root.Entries.First(e => e.Key.Text == key).Key,
                level.ToString(CultureInfo.InvariantCulture),
                count.ToString(CultureInfo.InvariantCulture),
                key,
                MaxTests.ToString(CultureInfo.InvariantCulture));
        }
    }
}

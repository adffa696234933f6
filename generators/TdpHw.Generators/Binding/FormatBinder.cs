using System.Globalization;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>Gives a page-table format its meaning: levels, fields, the status of every bit, tests.</summary>
internal sealed class FormatBinder
{
    private const int MaxLevels = 7;
    private const int MaxTests = 6;
    private const int MaxIllegalTests = 12;
    private const int MaxNextLevelBits = 4;

    private readonly DefinitionScope _scope;
    private readonly MapNode _root;
    private readonly List<BitClaim> _claims = [];
    private readonly List<(BitRuleSpec Rule, string Key, Node At)> _bitRules = [];
    private readonly Dictionary<string, (MapNode Row, uint Levels)[]> _rows = new(StringComparer.Ordinal);
    private string[] _levelNames = [];
    private MapNode[] _fieldNodes = [];
    private readonly Dictionary<int, int> _manualLevels = [];
    private EquatableArray<FieldSpec> _fields;
    private EquatableArray<FieldSpec> _views;
    private AddressClaim? _address;
    private BitSpan? _high;
    private string? _limit;
    private int _pageShift;
    private int _indexBits;
    private bool _hasRefusedClaims;

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
        MemberNames.CheckFormat(_scope);
        EquatableArray<CapabilitySpec> capabilities = CapabilityReader.Read(_scope);
        EquatableArray<WalkSpec> walks = ReadWalks(capabilities);
        ReadFields(capabilities);
        ReadViews();
        ReadBitRules("reserved", BitStatus.Reserved);
        ReadBitRules("res0", BitStatus.Res0);
        ReadBitRules("ignored", BitStatus.Ignored);
        JoinLayers();
        ClaimFields(capabilities);
        ClaimBitRules();

        var tests = new TestReader(_scope, [.. _fields, .. _views], _scope.Name);
        var levels = new List<LevelSpec>();
        var accounting = new BitAccounting(_claims, _address, _levelNames, _scope.Diagnostics);
        MapNode[] illegalRules = [.. Rows("illegal").Select(r => r.Row)];
        string[] illegalNames = [.. illegalRules.Select(r => r.Text("name")).Distinct(StringComparer.Ordinal)];
        CheckRuleForms(tests);
        CheckBounds(illegalRules);
        CheckLeafRows(tests);
        CheckRefusedLeaves(tests);
        for (int level = 1; level <= _levelNames.Length; level++)
        {
            levels.Add(BindLevel(level, tests, accounting, illegalRules, illegalNames));
        }

        if (!_hasRefusedClaims)
        {
            accounting.Report(_scope.HasUnknownBits ? null : PlaceOf("fields"));
        }

        if (levels.Count > 0 && !levels[0].HasLeaf)
        {
            _scope.Diagnostics.Add(DiagnosticCatalog.NoLeafRule, PlaceOf("leaf"));
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
            _bitRules.Select(r => r.Rule).ToEquatableArray(),
            illegalNames
                .Select(name => illegalRules.First(r => r.Text("name") == name))
                .Select(r => new IllegalRuleSpec(r.Text("name"), r.Text("doc"), _scope.Cite(r)))
                .ToEquatableArray(),
            _root.Maps("windows").Select(ReadWindow).ToEquatableArray(),
            _root.Scalars("requires").Select(r => PascalCase.From(r.Text)).ToEquatableArray(),
            _root.Text("canonical") == "true",
            _limit,
            _address?.Span ?? 0,
            _address?.Shift ?? 0,
            HighShift,
            levels.ToEquatableArray());
    }

    /// <summary>Where what a key lacks is told: at the key, or at the base that has it.</summary>
    private ScalarNode PlaceOf(string key)
    {
        ScalarNode found = _root.Entries.First(e => e.Key.Text == key).Key;
        return found.Span.Inherited is null ? found : _root.Scalar(DefinitionShapes.Extends)!;
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

        foreach (MapEntry entry in _root.Map("manual-levels")?.Entries ?? default)
        {
            // What a base says of levels that this format lacks falls away.
            if (!IsBeyond(entry.Key, names.Count)
                && _scope.Number(entry.Key, "manual-levels", 1, (ulong)Math.Max(1, names.Count)) is ulong level
                && _scope.Number((ScalarNode)entry.Value, "manual-levels", 0, MaxLevels) is ulong number)
            {
                _manualLevels[(int)level] = (int)number;
            }
        }

        _levelNames = [.. names.Values];
        if (names.Count == 0 || names.Keys.Last() != names.Count)
        {
            _scope.HasUnknownBits = true;
            _scope.Diagnostics.Add(
                DiagnosticCatalog.NumberOutside,
                PlaceOf("levels"),
                "levels",
                "levels from 1 on without a gap",
                string.Join(", ", names.Keys));
        }
        else if (ShiftOf(names.Count) >= 64)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.NumberOutside,
                PlaceOf("levels"),
                "levels",
                "levels of which the highest starts below address bit 64",
                names.Count.ToString(CultureInfo.InvariantCulture));
            _scope.HasUnknownBits = true;
        }
    }

    /// <summary>Whether a base names a level or a depth that this format lacks.</summary>
    private static bool IsBeyond(ScalarNode? level, int count) =>
        level?.Span.Inherited is not null && ulong.TryParse(level.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number > (ulong)count;

    private EquatableArray<WalkSpec> ReadWalks(EquatableArray<CapabilitySpec> capabilities)
    {
        MapNode[] nodes = [.. _root.Maps("walks")];
        MapNode[] kept = [.. nodes.Where(w => !IsBeyond(w.Scalar("levels"), _levelNames.Length))];
        if (kept.Length == 0 && nodes.Length > 0)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.MissingKey, PlaceOf("walks"), "A format with fewer levels than all walks of its base", "the key 'walks'");
        }

        return kept.Select(w => ReadWalk(w, capabilities)).OfType<WalkSpec>().ToEquatableArray();
    }

    private WalkSpec? ReadWalk(MapNode node, EquatableArray<CapabilitySpec> capabilities)
    {
        ulong? levels = _scope.Number(node.Scalar("levels"), "levels", 1, (ulong)Math.Max(1, _levelNames.Length));
        if (levels is null)
        {
            return null;
        }

        // The root table holds at least two entries and at most 16 tables' worth of them.
        int least = ShiftOf((int)levels) + 1;
        int most = Math.Min(64, least + _indexBits + 3);
        ScalarNode? given = node.Scalar("input");
        if (given is not null && capabilities.FirstOrDefault(c => c.Name == given.Text) is { Kind: CapabilityKind.Width } width)
        {
            if (width.Maximum < least || width.Minimum > most)
            {
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.NumberOutside,
                    given,
                    "input",
                    $"a capability of which some width is from {least} to {most}",
                    given.Text);
            }

            return new WalkSpec(
                (int)levels,
                Math.Min(most, width.Maximum),
                _scope.Condition(node),
                _scope.Cite(node),
                Math.Max(least, width.Minimum),
                width.Property);
        }

        ulong? input = _scope.Number(given, "input", (ulong)least, (ulong)most);
        return input is null
            ? null
            : new WalkSpec((int)levels, (int)input, _scope.Condition(node), _scope.Cite(node), (int)input);
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
            ulong[] levels = [.. _scope.Range(node, "levels", (ulong)_levelNames.Length)];
            _scope.HasUnknownBits |= levels.Length == 0;
            if (node.Span.Inherited is not null)
            {
                // What a base says of levels that this format lacks falls away.
                levels = [.. levels.Where(l => l <= (ulong)_levelNames.Length)];
            }

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

    /// <summary>
    /// The rows of a list, each with the levels that it holds at. Of <c>present</c> and <c>leaf</c>, whose order decides, a layer
    /// has the levels that its rows name to itself. A base's row of which nothing is left is no row.
    /// </summary>
    private (MapNode Row, uint Levels)[] Rows(string key)
    {
        if (!_rows.TryGetValue(key, out (MapNode Row, uint Levels)[]? rows))
        {
            rows = [.. _root.Maps(key).Select(r => (r, Levels(r)))];
            if (key is "present" or "leaf")
            {
                rows =
                [
                    .. rows.Select(r => (r.Row, r.Levels & ~rows
                        .Where(upper => upper.Row.Span.Depth < r.Row.Span.Depth)
                        .Aggregate(0u, (levels, upper) => levels | upper.Levels))),
                ];
            }

            rows = [.. rows.Where(r => r.Levels != 0 || r.Row.Span.Inherited is null)];
            _rows.Add(key, rows);
        }

        return rows;
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
        _fieldNodes = [.. _root.Maps("fields")];
        ScalarNode[] names = [.. _fieldNodes.Select(n => n.Scalar("name")!)];
        _scope.RequireUnique(names, "a field");
        MemberNames.Check(_scope, names, _scope.Name + "Entry", isRegister: false);
        _fields = _fieldNodes.Select(n => ReadField(n, capabilities)).ToEquatableArray();
    }

    /// <summary>Takes from the rows of bases what the layers above them claim.</summary>
    private void JoinLayers()
    {
        LayerClaim[] claims =
        [
            .. _fieldNodes
                .Select((node, i) => (At: node["bits"]!, Field: _fields[i]))
                .Where(f => f.Field.Role != FieldRole.Address)
                .Select(f => new LayerClaim(f.At, f.Field.Mask, f.Field.Levels, f.Field.Layouts)),
            .. _bitRules.Select(r => new LayerClaim(r.At, r.Rule.Bits.Mask(), r.Rule.Levels, r.Rule.Layouts)),
        ];
        if (claims.All(c => c.At.Span.Inherited is null))
        {
            return;
        }

        var layers = new LayerClaims(claims, _levelNames, _scope.Diagnostics);
        (MapNode Node, FieldSpec Field)[] left =
        [
            .. _fieldNodes
                .Select((node, i) => (Node: node, Field: IsWhole(_fields[i]) ? _fields[i] : layers.Left(_fields[i], node["bits"]!)))
                .Where(f => f.Field is not null && (f.Field.Levels != 0 || f.Node.Span.Inherited is null))
                .Select(f => (f.Node, f.Field!)),
        ];
        _fields = left.Select(f => f.Field).ToEquatableArray();
        _hasRefusedClaims = layers.HasRefused;
        var rules = _bitRules.SelectMany(r => layers.Left(r.Rule, r.At).Select(rule => (rule, r.Key, r.At))).ToList();
        _bitRules.Clear();
        _bitRules.AddRange(rules);
        _fieldNodes = [.. left.Select(f => f.Node)];

        // An address makes way for every claim, of whatever layer; a bit whose place a capability tells is known to none.
        static bool IsWhole(FieldSpec field) => field.Role == FieldRole.Address || field.Position is not null;
    }

    private void ClaimFields(EquatableArray<CapabilitySpec> capabilities)
    {
        MapNode[] nodes = _fieldNodes;
        for (int i = 0; i < nodes.Length; i++)
        {
            if (_fields[i].Role == FieldRole.AddressHigh)
            {
                ReadHighAddress(nodes[i], _fields[i]);
            }
        }

        for (int i = 0; i < nodes.Length; i++)
        {
            if (_fields[i].Role == FieldRole.Address)
            {
                ReadAddress(nodes[i], _fields[i], capabilities);
            }
            else if (_fields[i].Position is not null)
            {
                ClaimPosition(nodes[i], _fields[i], capabilities);
            }
            else
            {
                ClaimField(nodes[i], _fields[i]);
            }
        }

        CheckRoles();
        if (_address is null)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.MissingKey, PlaceOf("fields"), "A format", "a field with 'role: address'");
        }
    }

    private void CheckRoles()
    {
        for (int i = 0; i < _fieldNodes.Length; i++)
        {
            if (_fields[i].Role == FieldRole.NextLevel && _fields[i].Bits.Width() > MaxNextLevelBits)
            {
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.NumberOutside,
                    _fieldNodes[i]["bits"]!,
                    "bits",
                    $"at most {MaxNextLevelBits} bits with 'role: next-level'",
                    _fields[i].Bits.Format());
            }

            int first = 0;
            while (first < i && !HaveOneRole(_fields[first], _fields[i]))
            {
                first++;
            }

            if (first < i)
            {
                ScalarNode role = _fieldNodes[i].Scalar("role")!;
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.DuplicateName, role, role.Text, "a role", DefinitionScope.LineOf(_fieldNodes[first].Scalar("role")!));
            }
        }
    }

    private static bool HaveOneRole(FieldSpec left, FieldSpec right) =>
        left.Role == right.Role
        && left.Role is not (FieldRole.None or FieldRole.Address or FieldRole.AddressHigh)
        && (left.Levels & right.Levels) != 0
        && (left.Layouts & right.Layouts) != 0
        && !left.When.IsOpposite(right.When);

    private FieldSpec ReadField(MapNode node, EquatableArray<CapabilitySpec> capabilities)
    {
        string? position = capabilities.FirstOrDefault(c => c.Name == node.Text("bits"))?.Name;
        EquatableArray<BitSpan> bits = position is null ? _scope.Bits(node, "bits", 64, "entry") : default;
        return new FieldSpec(
            _scope.Identifier(node.Scalar("name")!, "the name of a C# property"),
            node.Text("sym"),
            bits,
            Levels(node),
            Layouts(node),
            position is null ? _scope.Condition(node) : _scope.Condition(node).And(new ConditionSpec(new[] { position }.ToEquatableArray(), default)),
            node.Text("role") switch
            {
                "address" => FieldRole.Address,
                "address-high" => FieldRole.AddressHigh,
                "next-level" => FieldRole.NextLevel,
                "accessed" => FieldRole.Accessed,
                "dirty" => FieldRole.Dirty,
                "memory-type" => FieldRole.MemoryType,
                _ => FieldRole.None,
            },
            _scope.Enum(node, bits.Width()),
            node.Text("doc"),
            _scope.Cite(node),
            position);
    }

    private void ReadViews()
    {
        MapNode[] nodes = [.. _root.Maps("views")];
        _scope.RequireUnique(_root.Maps("fields").Concat(nodes).Select(n => n.Scalar("sym")!), "a symbol");
        _views = nodes
            .Select(n => new FieldSpec(
                "",
                n.Text("sym"),
                _scope.Bits(n, "bits", 64, "entry"),
                AllLevels,
                EntryLayouts.Present | EntryLayouts.NotPresent,
                ConditionSpec.Always,
                FieldRole.None,
                null,
                n.Text("doc"),
                _scope.Cite(n)))
            .ToEquatableArray();
    }

    /// <summary>How far bits of an address that stand apart move to the left.</summary>
    private int HighShift => _fields.FirstOrDefault(f => f.Role == FieldRole.AddressHigh) is { Bits.Count: > 0 } high && _high is BitSpan at
        ? at.Low - high.Bits[0].Low
        : 0;

    private void ReadHighAddress(MapNode node, FieldSpec field)
    {
        EquatableArray<BitSpan> at = _scope.Bits(node, "at", 64, "address");
        Node bits = node["bits"]!;
        if (node["at"] is null)
        {
            _scope.Diagnostics.Add(DiagnosticCatalog.MissingKey, node.Scalar("role")!, "High bits of an address", "the key 'at'");
        }
        else if (_high is not null)
        {
            _scope.Diagnostics.Add(DiagnosticCatalog.AddressGap, bits, field.Bits.Format(), "another field has the role already");
        }
        else if (at.Count != 1 || field.Bits.Count != 1 || at[0].Width != field.Bits[0].Width || at[0].Low < field.Bits[0].Low)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.AddressGap,
                bits,
                field.Bits.Format(),
                $"'at' must be one range as wide that lies above them, not {at.Format()}");
        }
        else
        {
            _high = at[0];
        }
    }

    private void ClaimPosition(MapNode node, FieldSpec field, EquatableArray<CapabilitySpec> capabilities)
    {
        FieldSpec? address = _fields.FirstOrDefault(f => f.Role == FieldRole.Address);
        CapabilitySpec capability = capabilities.First(c => c.Name == field.Position);
        int least = _pageShift;
        int most = 63;
        if (address is { Bits.Count: 1 })
        {
            // Below the largest page the bits of a leaf are no address.
            least = Math.Min(address.Bits[0].High, ShiftOf(LargestLeaf()));
            most = address.Bits[0].High;
        }

        if (capability.Kind == CapabilityKind.Flag || capability.Minimum < least || capability.Maximum > most)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.NumberOutside,
                node["bits"]!,
                "bits",
                $"a capability of which every width is an address bit from {least} to {most}",
                node.Text("bits"));
        }

        if (node.Scalar("role") is ScalarNode role)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.UnknownWord, role, "role", "no word where a capability says where the bit is", role.Text);
        }

        _claims.Add(new BitClaim(
            node["bits"]!,
            $"field '{field.Name}'",
            BitStatus.Field,
            0,
            field.Levels,
            field.Layouts & EntryLayouts.Present,
            field.When,
            false,
            capability.Property));
    }

    private int LargestLeaf()
    {
        uint levels = Rows("leaf").Aggregate(1u << 1, (mask, rule) => mask | rule.Levels);
        return Enumerable.Range(1, Math.Max(1, _levelNames.Length)).Last(l => (levels >> l & 1) != 0);
    }

    private void ReadAddress(MapNode node, FieldSpec field, EquatableArray<CapabilitySpec> capabilities)
    {
        Node at = node["bits"]!;
        int shift = field.Bits.Count == 1 ? _pageShift - field.Bits[0].Low : 0;
        if (field.Bits.Count > 1 || shift < 0 || (field.Bits.Count == 1 && field.Bits[0].High + shift > 63))
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.AddressGap,
                at,
                field.Bits.Format(),
                $"one range is needed whose lowest bit is that of the smallest page, {_pageShift}, or lower and stands for it");
            shift = 0;
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

            int highest = _high?.High ?? (field.Bits.Count == 0 ? 63 : field.Bits[0].High + shift);
            if (capability is not null && (capability.Kind != CapabilityKind.Width || capability.Maximum > highest + 1))
            {
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.AddressGap,
                    limit,
                    field.Bits.Format(),
                    $"capability '{limit.Text}' must be a width of at most {highest + 1} bits");
            }
        }

        _address = new AddressClaim(at, field.Mask, shift, _limit is not null, Status(node, "above"), Status(node, "below"));
    }

    private static BitStatus? Status(MapNode node, string key) => node.Text(key) switch
    {
        "reserved" => BitStatus.Reserved,
        "res0" => BitStatus.Res0,
        "ignored" => BitStatus.Ignored,
        "illegal" => BitStatus.Illegal,
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
            _bitRules.Add((rule, key, node["bits"]!));
        }
    }

    private void ClaimBitRules() => _claims.AddRange(_bitRules.Select(r => new BitClaim(
        r.At, $"'{r.Key}'", r.Rule.Status, r.Rule.Bits.Mask(), r.Rule.Levels, r.Rule.Layouts, r.Rule.When, false)));

    private void CheckRuleForms(TestReader tests)
    {
        // Tests are read once for each level; what is wrong with a rule's own form is reported once here.
        foreach ((MapNode rule, uint levels) in Rows("present").Concat(Rows("leaf")).Concat(Rows("illegal")).Concat(Rows("rights")))
        {
            tests.Read(rule);
            _scope.Condition(rule);
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

        foreach ((MapNode rule, uint levels) in Rows("leaf"))
        {
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

    /// <summary>A row of leaves that excludes all that is present would be a rule that never holds.</summary>
    private void CheckLeafRows(TestReader tests)
    {
        foreach ((MapNode row, uint levels) in Rows("leaf"))
        {
            IReadOnlyList<TestSpec> selected = tests.Read(row);
            for (int level = 1; level <= _levelNames.Length; level++)
            {
                TestSpec[] present = [.. AtLevel("present", level).SelectMany(tests.Read)];
                if ((levels >> level & 1) == 0 || present.Length == 0 || selected.Count == 0
                    || !selected.All(s => present.All(s.Excludes)))
                {
                    continue;
                }

                // Of several fields the one that fits the fewest rows of 'present' is what has to change.
                ulong[] conflicts = [.. selected.SelectMany(s => present.Select(s.Conflict))];
                ScalarNode at = SymbolIn(
                    row, tests.FieldsOf(row).OrderByDescending(f => conflicts.Count(bits => (bits & f.Mask) != 0)).First());
                _scope.Diagnostics.Add(DiagnosticCatalog.LeafNeverPresent, at, level.ToString(CultureInfo.InvariantCulture), at.Text);
                break;
            }
        }
    }

    /// <summary>A leaf is refused by those of the bits that select it which are set, so that one of them has to be.</summary>
    private void CheckRefusedLeaves(TestReader tests)
    {
        foreach ((MapNode row, uint levels) in Rows("leaf")
            .Where(r => r.Row.Text("else") == "reserved" && !_scope.Condition(r.Row).IsAlways && tests.KnowsFieldsOf(r.Row)))
        {
            TestSpec[] clear = [.. tests.Read(row).Select(t => t.OfClearBits()).OfType<TestSpec>()];
            for (int level = 1; level <= _levelNames.Length; level++)
            {
                if ((levels >> level & 1) != 0 && AtLevel("present", level).SelectMany(tests.Read).Any(p => clear.Any(c => !c.Excludes(p))))
                {
                    _scope.Diagnostics.Add(
                        DiagnosticCatalog.RefusedLeafWithoutBit, row.Scalar("else")!, level.ToString(CultureInfo.InvariantCulture));
                    break;
                }
            }
        }
    }

    private static ScalarNode SymbolIn(MapNode rule, FieldSpec field) => rule.Scalars("any")
        .Concat(rule.Map("when")?.Entries.Select(e => e.Key) ?? [])
        .Concat(rule.Map("not")?.Entries.Select(e => e.Key) ?? [])
        .First(s => s.Text == field.Symbol);

    /// <summary>
    /// What is told only by its name, the bound that an entry breaks, needs a rule that names it; and such a rule needs the bound.
    /// </summary>
    private void CheckBounds(MapNode[] illegalRules)
    {
        MapNode? address = _fieldNodes.FirstOrDefault(n => n.Text("role") == "address");
        (string Bound, ScalarNode? At, string What)[] bounds =
        [
            ("next-level", _fieldNodes.FirstOrDefault(n => n.Text("role") == "next-level")?.Scalar("role"), "A field with 'role: next-level'"),
            ("size", Rows("leaf").Select(r => r.Row).FirstOrDefault(n => n["size"] is not null)?.Scalar("size"), "A leaf rule with 'size'"),
            ("alignment", address?.Text("below") == "illegal" ? address.Scalar("below") : null, "'below: illegal'"),
            ("width", address?.Text("above") == "illegal" ? address.Scalar("above") : null, "'above: illegal'"),
        ];
        foreach (ScalarNode key in illegalRules
            .Where(r => r["bound"] is not null)
            .SelectMany(r => r.Entries.Select(e => e.Key))
            .Where(k => k.Text is not ("name" or "bound" or "doc" or "cite")))
        {
            // What the bound guards would be open where the rule does not hold.
            _scope.Diagnostics.Add(
                DiagnosticCatalog.UnknownKey, key, key.Text, "an illegal rule with 'bound'", "a bound holds for all entries of every machine");
        }

        foreach ((string bound, ScalarNode? at, string what) in bounds)
        {
            MapNode[] rules = [.. illegalRules.Where(r => r.Text("bound") == bound)];
            if (at is not null && rules.Length == 0)
            {
                _scope.Diagnostics.Add(DiagnosticCatalog.MissingKey, at, what, $"an illegal rule with 'bound: {bound}'");
            }

            // A bound of the base that this format does not have holds for nothing.
            foreach (MapNode rule in rules.Where(r => at is null && r.Span.Inherited is null))
            {
                _scope.Diagnostics.Add(
                    DiagnosticCatalog.UnknownWord,
                    rule.Scalar("bound")!,
                    "bound",
                    "a bound that the format has; this one comes with " + what,
                    bound);
            }
        }
    }

    /// <summary>The tests that tell an entry which breaks a bound.</summary>
    private IEnumerable<(TestSpec Test, ConditionSpec When, EntryLayouts Layouts)> BoundTests(
        string bound, int level, EquatableArray<LeafSpec> leaf)
    {
        TestSpec always = new(default, default);
        switch (bound)
        {
            case "next-level" when NextLevelField(level) is FieldSpec next && next.Bits.Width() <= MaxNextLevelBits:
                IEnumerable<ulong> outside = Enumerable.Range(0, 1 << next.Bits.Width())
                    .Where(v => v == 0 || v >= level)
                    .Select(v => (ulong)v);
                return ValueCubes.Cover(outside, next.Bits.Width()).Select(c => (
                    new TestSpec(
                        new[] { new MatchSpec(next.Symbol, next.Bits.Deposit(c.Mask), next.Bits.Deposit(c.Value), next.When) }
                            .Where(m => m.Mask != 0)
                            .ToEquatableArray(),
                        default),
                    ConditionSpec.Always,
                    EntryLayouts.Table));
            case "size":
                return leaf.Where(l => l.Size != PageSizeCode.Level).SelectMany(l => SizeTests(level, l));
            case "alignment" when LeafBitsBelow(ShiftOf(level)) != 0:
                EquatableArray<AnySpec> below =
                    new[] { new AnySpec("", LeafBitsBelow(ShiftOf(level)), ConditionSpec.Always) }.ToEquatableArray();
                return leaf.All(l => l.Size == PageSizeCode.Level)
                    ? [(new TestSpec(default, below), ConditionSpec.Always, EntryLayouts.Leaf)]
                    : leaf.Where(l => l.Size == PageSizeCode.Level)
                        .Select(l => (new TestSpec(l.Test.Matches, below), l.When, EntryLayouts.Leaf));
            case "width":
                return new[] { EntryLayouts.Leaf, EntryLayouts.Table }.Select(layout => (
                    new TestSpec(default, BeyondLimit(level, layout).ToEquatableArray()), ConditionSpec.Always, layout));
            default:
                return [];
        }
    }

    /// <summary>The bits of an address that may lie beyond its limit, those that other rules claim at times under conditions.</summary>
    private IEnumerable<AnySpec> BeyondLimit(int level, EntryLayouts layout)
    {
        BitClaim[] claims = [.. _claims.Where(c => c.AppliesTo(level, layout))];
        ulong rest = (_address?.Span ?? 0) & ~(layout == EntryLayouts.Leaf ? LeafBitsBelow(ShiftOf(level)) : 0);
        foreach (MaskTerm freed in FreedBits.Of(claims, rest))
        {
            foreach (ConditionSpec free in freed.IsNegated ? freed.When.Opposites : [freed.When])
            {
                yield return new AnySpec("", 0, free, Beyond: freed.Bits);
            }
        }

        yield return new AnySpec("", 0, ConditionSpec.Always, Beyond: claims.Aggregate(rest, (bits, c) => bits & ~c.Bits));
        if (_fields.FirstOrDefault(f => f.Role == FieldRole.AddressHigh) is FieldSpec high)
        {
            yield return new AnySpec("", 0, high.When, BeyondHigh: high.Mask);
        }
    }

    private FieldSpec? NextLevelField(int level) =>
        _fields.FirstOrDefault(f => f.Role == FieldRole.NextLevel && f.AppliesTo(level, EntryLayouts.Table));

    /// <summary>The bits of the address field that a leaf of 2 to the power <paramref name="shift"/> bytes has no use for.</summary>
    private ulong LeafBitsBelow(int shift) =>
        _address is null ? 0 : _address.Span & (((1ul << shift) - 1) >> _address.Shift);

    /// <summary>A coded size must lie between that of this level's pages and that of the level above's, both excluded.</summary>
    private IEnumerable<(TestSpec Test, ConditionSpec When, EntryLayouts Layouts)> SizeTests(int level, LeafSpec leaf)
    {
        ulong tooSmall = LeafBitsBelow(ShiftOf(level));
        ulong withinLevel = LeafBitsBelow(Math.Min(63, ShiftOf(level + 1) - 1));
        bool isZero = leaf.Size == PageSizeCode.LowestZero;
        if (tooSmall != 0)
        {
            // The bit that tells the size stands below this level's pages.
            yield return (
                leaf.Test with
                {
                    Any = new[] { new AnySpec("", tooSmall, ConditionSpec.Always, isZero ? tooSmall : 0) }.ToEquatableArray(),
                },
                leaf.When,
                EntryLayouts.Leaf);
        }

        ulong far = isZero ? withinLevel : 0;
        bool isPossible = leaf.Test.Matches.All(m => ((m.Value ^ far) & m.Mask & withinLevel) == 0);
        if (isPossible && _address is { Span: not 0 } && ShiftOf(level + 1) - 1 <= BitSpans.FromMask(_address.Span).First().High + _address.Shift)
        {
            // It stands at or above what the next level's pages have.
            yield return (
                leaf.Test with
                {
                    Matches = leaf.Test.Matches
                        .Append(new MatchSpec("", withinLevel, far, ConditionSpec.Always))
                        .ToEquatableArray(),
                },
                leaf.When,
                EntryLayouts.Leaf);
        }
    }

    private LevelSpec BindLevel(int level, TestReader tests, BitAccounting accounting, MapNode[] illegalRules, string[] illegalNames)
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
            .Select(rule => (rule, name: Array.IndexOf(illegalNames, rule.Text("name"))))
            .Where(r => (Levels(r.rule) >> level & 1) != 0 && (Layouts(r.rule) & existing) != 0)
            .SelectMany(r => r.rule["bound"] is null
                ? tests.Read(r.rule).Select(t => new IllegalSpec(t, _scope.Condition(r.rule), Layouts(r.rule), r.name))
                : BoundTests(r.rule.Text("bound"), level, leaf)
                    .Where(b => (b.Layouts & existing) != 0)
                    .Select(b => new IllegalSpec(b.Test, b.When.And(_scope.Condition(r.rule)), b.Layouts, r.name)))
            .ToEquatableArray();
        Require(present.Count, "present", level, MaxTests);
        Require(leaf.Count, "leaf", level, MaxTests);
        Require(illegal.Count, "illegal", level, MaxIllegalTests);
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
            _manualLevels.TryGetValue(level, out int manual) ? manual : null,
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
            leaf.Any(l => l.Size != PageSizeCode.Level) ? accounting.AddressOf(level, EntryLayouts.Leaf, _pageShift) : MaskSpec.Empty,
            RoleMask(FieldRole.AddressHigh, level, EntryLayouts.Leaf, hasLeaf || hasTable),
            hasTable ? NextLevelField(level)?.Mask ?? 0 : 0,
            RightsOfLeaves(level).ToEquatableArray(),
            RoleMask(FieldRole.Accessed, level, EntryLayouts.Leaf, hasLeaf),
            RoleMask(FieldRole.Accessed, level, EntryLayouts.Table, hasTable),
            RoleMask(FieldRole.Dirty, level, EntryLayouts.Leaf, hasLeaf),
            RoleMask(FieldRole.MemoryType, level, EntryLayouts.Leaf, hasLeaf));
    }

    /// <summary>The rights that only leaves judge.</summary>
    private IEnumerable<string> RightsOfLeaves(int level)
    {
        MapNode[] rows = [.. AtLevel("rights", level)];
        string[] rights = [.. rows.Where(r => r["for"] is not null).Select(r => r.Text("right")).Distinct(StringComparer.Ordinal)];

        // User fetches go with others where no row speaks of them.
        IEnumerable<string> more = rights.Contains("execute") && rows.All(r => r.Text("right") != "user-execute") ? ["user-execute"] : [];
        return rights.Concat(more).Select(PascalCase.From);
    }

    private IEnumerable<MapNode> AtLevel(string key, int level) =>
        Rows(key).Where(r => (r.Levels >> level & 1) != 0).Select(r => r.Row);

    private IEnumerable<LeafSpec> ReadLeaf(MapNode rule, TestReader tests)
    {
        ConditionSpec condition = _scope.Condition(rule);
        bool isRefused = rule.Text("else") == "reserved";
        PageSizeCode size = rule.Text("size") switch
        {
            "lowest-zero" => PageSizeCode.LowestZero,
            "lowest-one" => PageSizeCode.LowestOne,
            _ => PageSizeCode.Level,
        };
        return tests.Read(rule).Select(t => new LeafSpec(
            t, isRefused ? ConditionSpec.Always : condition, isRefused ? condition : ConditionSpec.Always, size));
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

    private void Require(int count, string key, int level, int most)
    {
        if (count > most)
        {
            _scope.Diagnostics.Add(
                DiagnosticCatalog.TooManyRules,
                PlaceOf(key),
                level.ToString(CultureInfo.InvariantCulture),
                count.ToString(CultureInfo.InvariantCulture),
                key,
                most.ToString(CultureInfo.InvariantCulture));
        }
    }
}

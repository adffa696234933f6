using System.Text.Json;
using TdpHw.Formats;
using TdpHw.Generators.Model;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Single facts of a format that no vector shows: depths of walk, bounds, the names of values, windows.</summary>
internal sealed class FormatFactTruth(string formatId, string about) : ITruth
{
    private const ulong Root = 0x10000;
    private const ulong ReadWrite = 0x3;

    private static readonly (string Name, TdpHw.Generators.Model.FieldRole Role)[] FlagRoles =
    [
        ("accessed", TdpHw.Generators.Model.FieldRole.Accessed), ("dirty", TdpHw.Generators.Model.FieldRole.Dirty),
    ];

    private readonly JsonElement _facts = Json.Oracle("facts").GetProperty("formats").GetProperty(formatId);

    public string Name => "facts of " + formatId;

    public IReadOnlyCollection<string> About { get; } = [about];

    public void Check(World world)
    {
        SpecFormat format = world.Format(formatId);
        CheckCapabilities(format);
        CheckRegisters(format);
        CheckWalks(format);
        CheckNames(format.Spec);
        CheckWindows(format.Spec);
        CheckIgnored(format);
        CheckRequired(format);
        CheckOrder(format);
        CheckRights(format, "rights");
        CheckRights(format, "own_rights");
        CheckReserved(format);
        CheckEntries(format);
        CheckFlags(format);
    }

    /// <summary>What a walk answers whose first entry both withholds the right to write and has a reserved bit set.</summary>
    private void CheckOrder(SpecFormat format)
    {
        if (_facts.TryGetProperty("check_order", out JsonElement order))
        {
            SpecRules rules = format.Resolve(order.TryGetProperty("machine", out JsonElement machine)
                ? machine.EnumerateObject().ToDictionary(c => c.Name, c => c.Value.GetInt32())
                : []);
            ulong entry = order.GetProperty("entry").Hex();
            WalkResult result = rules.Walk(_ => entry, Root, order.GetProperty("levels").GetInt32(), 0, Access.Write);
            Expect.Equal(order.GetProperty("outcome").GetString(), result.Outcome.ToString(), formatId, "the order of checks");
        }
    }

    /// <summary>
    /// What single entries grant, at each level: to a walk, for which a table has the rights that only leaves judge, or by themselves.
    /// </summary>
    private void CheckRights(SpecFormat format, string fact)
    {
        if (!_facts.TryGetProperty(fact, out JsonElement rights))
        {
            return;
        }

        bool isOwn = fact == "own_rights";

        foreach (JsonElement row in rights.GetProperty("entries").EnumerateArray())
        {
            SpecRules rules = format.Resolve(Flags(format, row));
            Rights expected = row.GetProperty("rights").Words().Aggregate(Rights.None, (all, name) => all | Enum.Parse<Rights>(name));
            ulong raw = row.GetProperty("raw").Hex();
            foreach (int level in row.GetProperty("levels").EnumerateArray().Select(l => l.GetInt32()))
            {
                LevelRules here = rules[level];
                Rights without = isOwn && here.LayoutOf(raw) == EntryLayout.Table ? here.GrantedByTables : Rights.None;
                Expect.Equal(expected, here.RightsOf(raw) & ~without, $"{formatId} level {level}", $"what 0x{raw:x} grants");
            }
        }
    }

    /// <summary>What must be zero on some machines.</summary>
    private void CheckReserved(SpecFormat format)
    {
        if (!_facts.TryGetProperty("reserved", out JsonElement reserved))
        {
            return;
        }

        foreach (JsonElement place in reserved.GetProperty("places").EnumerateArray())
        {
            SpecRules rules = format.Resolve(Flags(format, place));
            ulong bits = place.GetProperty("bits").Words().Select(Json.Bits).Mask();
            EntryLayout layout = Enum.Parse<EntryLayout>(place.GetProperty("layout").GetString()!, ignoreCase: true);
            foreach (int level in place.GetProperty("levels").EnumerateArray().Select(l => l.GetInt32()))
            {
                Expect.Equal(bits, rules[level].ReservedIn(layout), $"{formatId} level {level} {layout}", "what must be zero");
            }
        }
    }

    /// <summary>What single entries are, at each level, and which combinations they hold that are refused.</summary>
    private void CheckEntries(SpecFormat format)
    {
        if (!_facts.TryGetProperty("entries", out JsonElement entries))
        {
            return;
        }

        foreach (JsonElement row in entries.GetProperty("entries").EnumerateArray())
        {
            SpecRules rules = format.Resolve(MachineOf(format, row));
            ulong raw = row.GetProperty("raw").Hex();
            EntryKind kind = Enum.Parse<EntryKind>(row.GetProperty("kind").GetString()!);
            string[] illegal = row.TryGetProperty("illegal", out JsonElement names) ? names.Words() : [];
            foreach (int level in row.GetProperty("levels").EnumerateArray().Select(l => l.GetInt32()))
            {
                LevelRules here = rules[level];
                string where = $"0x{raw:x} at level {level} of {formatId}";
                EntryLayout layout = here.LayoutOf(raw);
                Expect.Equal(kind, here.KindOf(raw), where, "the kind");
                Expect.Same(illegal, rules.IllegalIn(level, layout, raw).Order(StringComparer.Ordinal), where, "what is refused");
                if (row.TryGetProperty("size", out JsonElement size))
                {
                    Expect.Equal(size.Hex(), layout == EntryLayout.Leaf ? 1ul << here.PageShiftOf(raw) : 0, where, "the page size");
                }
            }
        }
    }

    /// <summary>Which flags the hardware keeps, and which levels can hold pages.</summary>
    private void CheckFlags(SpecFormat format)
    {
        if (_facts.TryGetProperty("leaf_levels", out JsonElement levels))
        {
            Expect.Same(
                levels.GetProperty("levels").EnumerateArray().Select(l => l.GetInt32()),
                format.Spec.Levels.Where(l => l.HasLeaf).Select(l => l.Level),
                formatId,
                "the levels that can hold pages");
        }

        if (!_facts.TryGetProperty("flags", out JsonElement flags))
        {
            return;
        }

        foreach ((string name, TdpHw.Generators.Model.FieldRole role) in FlagRoles)
        {
            Expect.Same(
                flags.GetProperty("fields").GetProperty(name).Words(),
                format.Spec.Fields.Where(f => f.Role == role).Select(f => f.Symbol),
                formatId,
                $"the fields that are {name} flags");
        }

        foreach (JsonElement place in flags.GetProperty("places").EnumerateArray())
        {
            SpecRules rules = format.Resolve(Flags(format, place));
            bool isLeaf = place.GetProperty("layout").GetString() == "leaf";
            foreach (int level in place.GetProperty("levels").EnumerateArray().Select(l => l.GetInt32()))
            {
                LevelRules here = rules[level];
                string where = $"{formatId} level {level} {(isLeaf ? "leaf" : "table")}";
                Expect.Equal(Mask("accessed"), isLeaf ? here.LeafAccessed : here.TableAccessed, where, "the accessed flag");
                Expect.Equal(Mask("dirty"), isLeaf ? here.LeafDirty : 0, where, "the dirty flag");
            }

            ulong Mask(string flag) => place.GetProperty(flag).GetString() is string bits ? Json.Bits(bits).Mask : 0;
        }
    }

    /// <summary>A machine with the flags that a row names and no others, and the widths that it names.</summary>
    private static Dictionary<string, int> MachineOf(SpecFormat format, JsonElement row)
    {
        Dictionary<string, int> machine = Flags(format, row);
        if (row.TryGetProperty("machine", out JsonElement widths))
        {
            foreach (JsonProperty width in widths.EnumerateObject())
            {
                machine[width.Name] = width.Value.GetInt32();
            }
        }

        return machine;
    }

    /// <summary>A machine with the flags that a row names and no others.</summary>
    private static Dictionary<string, int> Flags(SpecFormat format, JsonElement row)
    {
        string[] on = row.GetProperty("on").Words();
        return format.Spec.Capabilities
            .Where(c => c.Kind == TdpHw.Generators.Model.CapabilityKind.Flag)
            .ToDictionary(c => c.Name, c => on.Contains(c.Name) ? 1 : 0);
    }

    /// <summary>Rights that every access needs, and how the addresses of the upper half are written.</summary>
    private void CheckRequired(SpecFormat format)
    {
        string[] required = _facts.TryGetProperty("requires", out JsonElement requires) ? requires.GetProperty("rights").Words() : [];
        Expect.Same(required, format.Spec.RequiredRights, formatId, "the rights that every access needs");
        string[] manual = _facts.TryGetProperty("manual_levels", out JsonElement levels) ? levels.GetProperty("numbers").Words() : [];
        Expect.Same(
            manual, format.Spec.Levels.Where(l => l.ManualLevel is not null).Select(l => $"{l.Level}={l.ManualLevel}"), formatId, "the manual's levels");
    }

    /// <summary>An entry of a level that leads to where it lies, or maps that page at level 1.</summary>
    private ulong SelfEntry(int level)
    {
        if (!_facts.TryGetProperty("self_entries", out JsonElement entries))
        {
            return Root | ReadWrite;
        }

        JsonElement byLevel = entries.GetProperty("by_level");
        if (level < 1 || level > byLevel.GetArrayLength())
        {
            Expect.Disagree(formatId, $"an entry of level {level} is read");
        }

        return byLevel[level - 1].Hex();
    }

    private void CheckCapabilities(SpecFormat format)
    {
        Dictionary<string, int> defaults = format.Defaults();
        foreach (JsonProperty value in _facts.GetProperty("defaults").GetProperty("values").EnumerateObject())
        {
            Expect.Equal(value.Value.GetInt32(), defaults.GetValueOrDefault(value.Name, -1), formatId, value.Name);
        }

        foreach (string key in new[] { "width", "input_width" })
        {
            if (!_facts.TryGetProperty(key, out JsonElement width) || width.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            string name = width.GetProperty("name").GetString()!;
            CapabilitySpec? capability = format.Spec.Capabilities.FirstOrDefault(c => c.Name == name);
            Expect.Equal(width.GetProperty("least").GetInt32(), capability?.Minimum, formatId, "the least " + name);
            Expect.Equal(width.GetProperty("most").GetInt32(), capability?.Maximum, formatId, "the most " + name);
        }
    }

    private void CheckRegisters(SpecFormat format)
    {
        foreach (JsonElement row in _facts.GetProperty("registers").GetProperty("bits").EnumerateArray())
        {
            string capability = row.GetProperty("capability").GetString()!;
            string register = row.GetProperty("register").GetString()!;
            ulong bit = 1ul << row.GetProperty("bit").GetInt32();
            Expect.Equal(1, format.ReadRegister(register, bit).GetValueOrDefault(capability, -1), formatId, capability);
            Expect.Equal(0, format.ReadRegister(register, ~bit).GetValueOrDefault(capability, -1), formatId, capability);
        }

        if (!_facts.GetProperty("registers").TryGetProperty("values", out JsonElement values))
        {
            return;
        }

        foreach (JsonElement row in values.EnumerateArray())
        {
            Dictionary<string, int> told = format.ReadRegister(row.GetProperty("register").GetString()!, row.GetProperty("raw").Hex());
            string capability = row.GetProperty("capability").GetString()!;
            Expect.Equal(row.GetProperty("value").GetInt32(), told.GetValueOrDefault(capability, -1), formatId, capability);
        }
    }

    /// <summary>What the hardware does not look at, what should be zero, and where memory types are.</summary>
    private void CheckIgnored(SpecFormat format)
    {
        ulong shouldBeZero = _facts.GetProperty("should_be_zero").GetProperty("bits").Hex();
        JsonElement types = _facts.GetProperty("memory_type_bits");
        foreach (JsonElement place in _facts.GetProperty("ignored").GetProperty("places").EnumerateArray())
        {
            string[] on = place.GetProperty("on").Words();
            SpecRules rules = format.Resolve(Flags(format, place));
            bool isLeaf = place.GetProperty("layout").GetString() == "leaf";
            ulong bits = place.GetProperty("bits").Words().Select(Json.Bits).Mask();
            foreach (int level in place.GetProperty("levels").EnumerateArray().Select(l => l.GetInt32()))
            {
                LevelRules here = rules[level];
                string where = $"{formatId} level {level} {(isLeaf ? "leaf" : "table")}";
                Expect.Equal(bits, isLeaf ? here.LeafIgnored : here.TableIgnored, where, "what is ignored");
                ulong res0 = place.TryGetProperty("res0", out JsonElement zero)
                    ? zero.EnumerateArray().Single(z => z.GetProperty("level").GetInt32() == level).GetProperty("bits").Words().Select(Json.Bits).Mask()
                    : shouldBeZero;
                Expect.Equal(res0, isLeaf ? here.LeafRes0 : here.TableRes0, where, "what should be zero");
                bool hasType = types.GetProperty("levels").EnumerateArray().Any(l => l.GetInt32() == level)
                    && (types.GetProperty("needs").GetString() is not { } needed || on.Contains(needed));
                ulong type = hasType ? Json.Bits(types.GetProperty("bits").GetString()!).Mask : 0;
                Expect.Equal(type, here.LeafMemoryType, where, "where the memory type is");
            }
        }
    }

    private void CheckWalks(SpecFormat format)
    {
        bool isCanonical = _facts.GetProperty("walks").TryGetProperty("canonical", out _);
        foreach (JsonElement shape in _facts.GetProperty("walks").GetProperty("shapes").EnumerateArray())
        {
            int levels = shape.GetProperty("levels").GetInt32();
            int input = shape.GetProperty("input").GetInt32();
            bool isConditional = shape.TryGetProperty("needs", out JsonElement needs);
            string? width = shape.TryGetProperty("width", out JsonElement by) ? by.GetString() : null;
            Dictionary<string, int> machine = isConditional ? new() { [needs.GetString()!] = 0 } : [];
            if (width is not null)
            {
                machine[width] = input;
            }

            if (isConditional)
            {
                bool has = format.Resolve(machine).Walks.Any(w => w.Levels == levels);
                Expect.Equal(false, has, formatId, $"a walk of {levels} levels without {needs}");
                machine[needs.GetString()!] = 1;
            }

            SpecRules rules = format.Resolve(machine);
            var reads = new List<ulong>();
            int reading = levels;
            ulong highest = isCanonical ? ulong.MaxValue : ulong.MaxValue >> (64 - input);
            WalkResult result = rules.Walk(ReadSelf, Root, levels, highest, Access.Write);
            Expect.Equal(WalkOutcome.Mapped, result.Outcome, formatId, $"the highest address of {levels} levels");
            Expect.Equal(Root | 0xfff, result.Output.Value, formatId, "its output");
            ulong inRoot = ((1ul << (input - rules[levels].Shift)) - 1) * sizeof(ulong);
            IEnumerable<ulong> path = Enumerable.Range(0, levels).Select(i => Root + (i == 0 ? inRoot : 0xff8));
            Expect.Same(path, reads, formatId, "its path");
            if (isCanonical)
            {
                foreach (ulong beyond in new[] { 1ul << (input - 1), highest << input })
                {
                    WalkOutcome outcome = rules.Walk(ReadSelf, Root, levels, beyond, Access.None).Outcome;
                    Expect.Equal(WalkOutcome.AddressTooWide, outcome, formatId, $"0x{beyond:x} in {levels} levels");
                }
            }
            else if (input < 64)
            {
                WalkOutcome outcome = rules.Walk(ReadSelf, Root, levels, 1ul << input, Access.None).Outcome;
                Expect.Equal(WalkOutcome.AddressTooWide, outcome, formatId, $"an address beyond {levels} levels");
            }

            // Every entry leads back to the root table.
            ulong? ReadSelf(ulong address)
            {
                reads.Add(address);
                return SelfEntry(reading--);
            }
        }
    }

    private void CheckNames(FormatSpec format)
    {
        string? types = format.Fields.FirstOrDefault(f => f.Role == TdpHw.Generators.Model.FieldRole.MemoryType)?.Enum;
        IEnumerable<EnumMemberSpec> members = format.Enums.FirstOrDefault(e => e.Name == types)?.Members ?? default;
        Expect.Same(
            _facts.GetProperty("memory_types").GetProperty("values").Names(),
            members.Select(m => (m.Value, m.Name)),
            formatId,
            "the memory types");
        foreach (string kind in new[] { "reserved", "illegal" })
        {
            string? word = _facts.GetProperty("words").GetProperty(kind).GetString();
            Expect.Equal(word, format.MalformedWord ?? kind, formatId, "the word for " + kind);
        }
    }

    private void CheckWindows(FormatSpec format)
    {
        JsonElement[] windows = [.. _facts.GetProperty("windows").EnumerateArray()];
        Expect.Equal(windows.Length, format.Windows.Count, formatId, "the number of windows");
        for (int i = 0; i < windows.Length; i++)
        {
            WindowSpec window = format.Windows[i];
            Expect.Equal(windows[i].GetProperty("first").Hex(), window.First, formatId, "the window's first address");
            Expect.Equal(windows[i].GetProperty("last").Hex(), window.Last, formatId, "the window's last address");
            Expect.Equal(windows[i].GetProperty("input_bypassed").GetBoolean(), window.IsInputBypassed, formatId, "input there");
            Expect.Equal(windows[i].GetProperty("output_blocked").GetBoolean(), window.IsOutputBlocked, formatId, "output there");
        }
    }
}

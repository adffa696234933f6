using System.Text.Json;
using TdpHw.Formats;
using TdpHw.Generators.Model;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Single facts of a format that no vector shows: depths of walk, bounds, the names of values, windows.</summary>
internal sealed class FormatFactTruth(string formatId, string about) : ITruth
{
    private const ulong Root = 0x1000;
    private const ulong ReadWriteTable = 0x3;

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
    }

    private void CheckCapabilities(SpecFormat format)
    {
        Dictionary<string, int> defaults = format.Defaults();
        foreach (JsonProperty value in _facts.GetProperty("defaults").GetProperty("values").EnumerateObject())
        {
            Expect.Equal(value.Value.GetInt32(), defaults.GetValueOrDefault(value.Name, -1), formatId, value.Name);
        }

        JsonElement width = _facts.GetProperty("width");
        if (width.ValueKind != JsonValueKind.Null)
        {
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
    }

    /// <summary>What the hardware does not look at, what should be zero, and where memory types are.</summary>
    private void CheckIgnored(SpecFormat format)
    {
        ulong shouldBeZero = _facts.GetProperty("should_be_zero").GetProperty("bits").Hex();
        JsonElement types = _facts.GetProperty("memory_type_bits");
        foreach (JsonElement place in _facts.GetProperty("ignored").GetProperty("places").EnumerateArray())
        {
            string[] on = place.GetProperty("on").Words();
            SpecRules rules = format.Resolve(format.Spec.Capabilities
                .Where(c => c.Kind == TdpHw.Generators.Model.CapabilityKind.Flag)
                .ToDictionary(c => c.Name, c => on.Contains(c.Name) ? 1 : 0));
            bool isLeaf = place.GetProperty("layout").GetString() == "leaf";
            ulong bits = place.GetProperty("bits").Words().Select(Json.Bits).Mask();
            foreach (int level in place.GetProperty("levels").EnumerateArray().Select(l => l.GetInt32()))
            {
                LevelRules here = rules[level];
                string where = $"{formatId} level {level} {(isLeaf ? "leaf" : "table")}";
                Expect.Equal(bits, isLeaf ? here.LeafIgnored : here.TableIgnored, where, "what is ignored");
                Expect.Equal(shouldBeZero, isLeaf ? here.LeafRes0 : here.TableRes0, where, "what should be zero");
                bool hasType = types.GetProperty("levels").EnumerateArray().Any(l => l.GetInt32() == level)
                    && (types.GetProperty("needs").GetString() is not { } needed || on.Contains(needed));
                ulong type = hasType ? Json.Bits(types.GetProperty("bits").GetString()!).Mask : 0;
                Expect.Equal(type, here.LeafMemoryType, where, "where the memory type is");
            }
        }
    }

    private void CheckWalks(SpecFormat format)
    {
        foreach (JsonElement shape in _facts.GetProperty("walks").GetProperty("shapes").EnumerateArray())
        {
            int levels = shape.GetProperty("levels").GetInt32();
            int input = shape.GetProperty("input").GetInt32();
            bool isConditional = shape.TryGetProperty("needs", out JsonElement needs);
            Dictionary<string, int> On(int value) => isConditional ? new() { [needs.GetString()!] = value } : [];
            if (isConditional)
            {
                bool has = format.Resolve(On(0)).Walks.Any(w => w.Levels == levels);
                Expect.Equal(false, has, formatId, $"a walk of {levels} levels without {needs}");
            }

            SpecRules rules = format.Resolve(On(1));
            var reads = new List<ulong>();
            WalkResult highest = rules.Walk(ReadSelf, Root, levels, (1ul << input) - 1, Access.Write);
            Expect.Equal(WalkOutcome.Mapped, highest.Outcome, formatId, $"the highest address of {levels} levels");
            Expect.Equal(0x1ffful, highest.Output.Value, formatId, "its output");
            Expect.Same(Enumerable.Repeat(Root + 0xff8, levels), reads, formatId, "its path");
            WalkOutcome beyond = rules.Walk(ReadSelf, Root, levels, 1ul << input, Access.None).Outcome;
            Expect.Equal(WalkOutcome.AddressTooWide, beyond, formatId, $"an address beyond {levels} levels");

            // Every entry points back to the root table: it is both table and page.
            ulong? ReadSelf(ulong address)
            {
                reads.Add(address);
                return Root | ReadWriteTable;
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

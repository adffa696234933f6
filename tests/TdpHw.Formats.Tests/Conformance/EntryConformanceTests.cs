using TdpHw.Formats.Tests.Generated;
using TdpHw.Formats.Tests.Interpreter;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Single entries: generated rules against the interpreter and against themselves, for every format there is.</summary>
public sealed class EntryConformanceTests
{
    private const int RandomEntries = 200_000;

    public static TheoryData<string> FormatIds => Machines.FormatIds;

    [Fact]
    public void Every_definition_is_registered_and_the_other_way_round() => Assert.Equal(
        Definitions.FormatIds.Order(), RegisteredFormats.All.Select(format => format.Id).Order());

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Every_bit_at_every_level_in_every_layout_is_what_the_interpreter_says(string formatId)
    {
        var findings = new Findings();
        int count = 0;
        foreach (Machine machine in Machines.All(formatId))
        {
            foreach (int level in machine.Levels)
            {
                LevelRules rules = machine.Generated[level];
                foreach (EntryLayout layout in machine.Interpreted.LayoutsAt(level))
                {
                    string where = $"{machine} level {level} {layout}";
                    findings.Expect(where, "reserved", MaskOf(machine, level, layout, BitMeaning.Reserved), rules.ReservedIn(layout));
                    if (layout == EntryLayout.Leaf)
                    {
                        findings.Expect(where, "ignored", MaskOf(machine, level, layout, BitMeaning.Ignored), rules.LeafIgnored);
                        findings.Expect(where, "res0", MaskOf(machine, level, layout, BitMeaning.Res0), rules.LeafRes0);
                        findings.Expect(where, "address", MaskOf(machine, level, layout, BitMeaning.Address), rules.LeafAddress);
                    }
                    else if (layout == EntryLayout.Table)
                    {
                        findings.Expect(where, "ignored", MaskOf(machine, level, layout, BitMeaning.Ignored), rules.TableIgnored);
                        findings.Expect(where, "res0", MaskOf(machine, level, layout, BitMeaning.Res0), rules.TableRes0);
                        findings.Expect(where, "address", MaskOf(machine, level, layout, BitMeaning.Address), rules.TableAddress);
                    }

                    count++;
                }
            }
        }

        findings.AssertNone(count);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_level_without_a_layout_has_empty_masks_for_it(string formatId)
    {
        int lacking = 0;
        foreach (Machine machine in Machines.All(formatId))
        {
            foreach (int level in machine.Levels)
            {
                LevelRules rules = machine.Generated[level];
                EntryLayout[] layouts = [.. machine.Interpreted.LayoutsAt(level)];
                if (!layouts.Contains(EntryLayout.Leaf) && !layouts.Contains(EntryLayout.RefusedLeaf))
                {
                    Assert.Equal(
                        0ul, rules.LeafReserved | rules.LeafIgnored | rules.LeafAddress | rules.LeafAccessed | rules.LeafDirty);
                    lacking++;
                }

                if (!layouts.Contains(EntryLayout.RefusedLeaf))
                {
                    Assert.Equal(0ul, rules.RefusedReserved);
                    lacking++;
                }

                if (!layouts.Contains(EntryLayout.Table))
                {
                    Assert.Equal(0ul, rules.TableReserved | rules.TableIgnored | rules.TableAddress | rules.TableAccessed);
                    lacking++;
                }
            }
        }

        Assert.NotEqual(0, lacking);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Every_reserved_bit_alone_is_a_violation(string formatId)
    {
        var random = new Random(1);
        var maker = new EntryMaker(random);
        int count = 0;
        foreach (Machine machine in Machines.All(formatId))
        {
            foreach ((int level, EntryKind kind, ulong good) in WellFormedEntries(machine, maker))
            {
                LevelRules rules = machine.Generated[level];
                foreach (ulong bit in BitsOf(kind == EntryKind.Leaf ? rules.LeafReserved : rules.TableReserved))
                {
                    DecodedEntry entry = machine.Generated.Decode(level, good | bit);
                    string where = $"{machine} level {level}: 0x{good | bit:x}";
                    Assert.True(entry.Kind == EntryKind.ReservedBitSet, $"{where} is {entry.Kind}");

                    // The bit that asks for a page which the machine lacks has the other bits judged as those of a page.
                    ulong others = rules.LayoutOf(good | bit) == EntryLayout.RefusedLeaf ? good & rules.RefusedReserved : 0;
                    Assert.True(entry.ReservedBits == (bit | others), $"{where} has 0x{entry.ReservedBits:x} reserved and set");
                    count++;
                }
            }
        }

        Assert.Equal(Machines.All(formatId).Any(HasReservedLeafOrTable), count != 0);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Every_ignored_bit_changes_nothing(string formatId)
    {
        var maker = new EntryMaker(new Random(2));
        int count = 0;
        foreach (Machine machine in Machines.All(formatId))
        {
            foreach ((int level, EntryKind kind, ulong good) in WellFormedEntries(machine, maker))
            {
                LevelRules rules = machine.Generated[level];
                string expected = Text(machine, level, good);
                foreach (ulong bit in BitsOf(kind == EntryKind.Leaf ? rules.LeafIgnored : rules.TableIgnored))
                {
                    string actual = Text(machine, level, good ^ bit);
                    Assert.True(expected == actual, $"{machine} level {level}: 0x{bit:x} turns {expected} into {actual}");
                    count++;
                }
            }
        }

        Assert.Equal(Machines.All(formatId).Any(HasIgnored), count != 0);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Each_address_bit_is_decoded_once_at_every_level_and_page_size(string formatId)
    {
        var maker = new EntryMaker(new Random(3));
        int count = 0;
        foreach (Machine machine in Machines.All(formatId))
        {
            foreach ((int level, EntryKind kind, ulong good) in WellFormedEntries(machine, maker))
            {
                LevelRules rules = machine.Generated[level];
                ulong mask = machine.Within(kind == EntryKind.Leaf ? rules.LeafAddress : rules.TableAddress);
                foreach (ulong address in BitsOf(mask).Append(0ul).Append(mask))
                {
                    DecodedEntry entry = machine.Generated.Decode(level, (good & ~mask) | address);
                    Assert.Equal(kind, entry.Kind);
                    Assert.Equal(address << machine.Generated.AddressShift, entry.Output?.Value);
                    count++;
                }
            }
        }

        Assert.NotEqual(0, count);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Random_entries_are_what_the_interpreter_says(string formatId)
    {
        const int Seed = 20231202;
        var random = new Random(Seed);
        var maker = new EntryMaker(random);
        var findings = new Findings();
        var seen = new HashSet<(EntryKind, EntryLayout)>();
        Machine[] machines = [.. Machines.All(formatId)];
        for (int i = 0; i < RandomEntries; i++)
        {
            Machine machine = machines[random.Next(machines.Length)];
            int level = 1 + random.Next(machine.Generated.MaxLevel);
            LevelRules rules = machine.Generated[level];
            ulong raw = maker.Make(rules, (ulong)random.NextInt64());
            EntryReading expected = machine.Interpreted.Decode(level, raw);
            EntryReading actual = GeneratedReading.Of(machine.Generated, level, raw);
            string where = $"seed {Seed}, entry {i}, {machine} level {level} 0x{raw:x}";
            findings.ExpectReading(where, expected, actual);
            findings.Expect(where, "kind by rules", expected.Kind, rules.KindOf(raw));
            if (expected.Present)
            {
                findings.Expect(where, "rights by rules", (ulong)expected.Rights, (ulong)rules.RightsOf(raw));
            }

            seen.Add((expected.Kind, expected.Layout));
        }

        findings.AssertNone(RandomEntries);
        LevelRules[] all = [.. machines.SelectMany(machine => machine.Levels, (machine, level) => machine.Generated[level])];
        HashSet<(EntryKind, EntryLayout)> possible =
        [
            (EntryKind.NotPresent, EntryLayout.NotPresent),
            (EntryKind.Leaf, EntryLayout.Leaf),
        ];
        if (all.Any(rules => rules.TableAddress != 0))
        {
            possible.Add((EntryKind.Table, EntryLayout.Table));
        }

        if (all.Any(rules => rules.TableReserved != 0))
        {
            possible.Add((EntryKind.ReservedBitSet, EntryLayout.Table));
        }

        if (all.Any(rules => rules.LeafReserved != 0))
        {
            possible.Add((EntryKind.ReservedBitSet, EntryLayout.Leaf));
        }

        Assert.Superset(possible, seen);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_level_that_the_format_lacks_is_refused(string formatId)
    {
        GeneratedRules rules = Machines.Default(formatId).Generated;
        Assert.Throws<ArgumentOutOfRangeException>(() => rules.Decode(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => rules.Decode(rules.MaxLevel + 1, 0));
        Assert.Throws<IndexOutOfRangeException>(() => rules[0]);
        Assert.Throws<IndexOutOfRangeException>(() => rules[rules.MaxLevel + 1]);
    }

    /// <summary>A well-formed leaf and table entry of every level that can have them.</summary>
    private static IEnumerable<(int Level, EntryKind Kind, ulong Entry)> WellFormedEntries(Machine machine, EntryMaker maker)
    {
        foreach (int level in machine.Levels)
        {
            foreach (EntryLayout layout in machine.Interpreted.LayoutsAt(level))
            {
                EntryKind kind = layout == EntryLayout.Leaf ? EntryKind.Leaf : EntryKind.Table;
                if (layout is EntryLayout.Leaf or EntryLayout.Table && EntryMaker.CanMake(machine.Generated[level], kind))
                {
                    ulong entry = maker.WellFormed(machine.Generated[level], kind, 0);
                    Assert.Equal(kind, machine.Generated[level].KindOf(entry));
                    yield return (level, kind, entry);
                }
            }
        }
    }

    private static bool HasReservedLeafOrTable(Machine machine) => machine.Levels.Any(level =>
        (machine.Generated[level].LeafReserved | machine.Generated[level].TableReserved) != 0);

    private static bool HasIgnored(Machine machine) => machine.Levels.Any(level =>
        (machine.Generated[level].LeafIgnored | machine.Generated[level].TableIgnored) != 0);

    private static ulong MaskOf(Machine machine, int level, EntryLayout layout, BitMeaning meaning) => Enumerable
        .Range(0, 64)
        .Where(bit => machine.Interpreted.MeaningOf(level, layout, bit) == meaning)
        .Aggregate(0ul, (mask, bit) => mask | (1ul << bit));

    private static IEnumerable<ulong> BitsOf(ulong mask)
    {
        for (ulong rest = mask; rest != 0; rest &= rest - 1)
        {
            yield return rest & (~rest + 1);
        }
    }

    /// <summary>All that is said of an entry except its raw value.</summary>
    private static string Text(Machine machine, int level, ulong raw)
    {
        DecodedEntry entry = machine.Generated.Decode(level, raw);
        string fields = string.Join(' ', entry.Fields.Select(field => $"{field.Field.Name}={field.Value:x}"));
        return $"{entry.Kind} {entry.Layout} {entry.Output} {entry.PageSize} {entry.Rights} {entry.MemoryType} "
            + $"{entry.ReservedBits:x} {entry.Res0Bits:x} {entry.Illegal.Length} {fields}";
    }
}

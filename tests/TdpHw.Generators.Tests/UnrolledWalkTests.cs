using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

/// <summary>
/// Walks of definitions that the schema allows and none that ships has, compiled and run: they answer what the definition says, and
/// in every detail as the walk of any format does.
/// </summary>
public sealed class UnrolledWalkTests
{
    private const ulong Address = 0x1234;
    private const ulong Root = 0x1_0000;
    private const ulong Middle = 0x2_0000;
    private const ulong Lowest = 0x3_0000;

    /// <summary>A format whose entries say which level they lead to.</summary>
    private static readonly DefinitionText Hop = new("hop.hwdef.yaml", """
        hwdef: 1
        kind: page-table-format
        name: Hop
        id: hop
        doc: A format that skips levels
        sources:
          man: A manual
        cite: man 1
        input: IOVA
        page: 12
        index: 9
        check-order: malformed-first
        levels: { 1: H1, 2: H2, 3: H3, 4: H4 }
        walks:
          - { levels: 4, input: 48 }
        capabilities:
          - { name: marked, flag: false, doc: marked pages }
        fields:
          - { name: Present, sym: P, bits: 0, doc: present }
          - { name: Extra, sym: X, bits: 1, doc: a mark }
          - { name: NextLevel, sym: NL, bits: 11:9, role: next-level, doc: level of the next table }
          - { name: Address, sym: ADDR, bits: 51:12, role: address, below: reserved, doc: address }
        ignored:
          - { bits: [63:52, 8:2] }
        present:
          - { when: { P: 1 } }
        leaf:
          - { levels: 1..4, when: { NL: 0 } }
        illegal:
          - { name: next-level-not-below-current, bound: next-level, doc: the next table is not of a lower level }
        rights:
          - { right: read, when: { P: 1 } }
        """);

    public static TheoryData<string, string, string, (ulong Slot, ulong Entry)[]> Walks => new()
    {
        // All leaves that PS selects are refused by PS itself.
        { "leaf", "IllegalEncoding", "a page", [(Root, 0x20_0083)] },
        { "leaf", "Mapped", "a table", [(Root, Lowest | 3), (Lowest + 8, 0x5003)] },
        { "all leaves", "IllegalEncoding", "a small page", [(Root, Lowest | 3), (Lowest + 8, 0x5003)] },
        { "all leaves", "Mapped", "a page", [(Root, 0x20_0083)] },
        { "all tables", "IllegalEncoding", "a table", [(Root, Lowest | 3), (Lowest + 8, 0x5003)] },
        { "all tables", "Mapped", "a page", [(Root, 0x20_0083)] },
        { "no tables", "Mapped", "a page", [(Root, 0x20_0003)] },

        // Another bit than the one that is not set refuses.
        { "clear pages", "ReservedBitSet", "a page", [(Root, 0x20_0003)] },
        { "clear pages", "Mapped", "a table", [(Root, Lowest | 1), (Lowest + 8, 0x5003)] },
        { "clear pages that are present", "ReservedBitSet", "a page", [(Root, 0x20_0001)] },

        // None can be set, and a rule refuses.
        { "clear pages by a rule", "IllegalEncoding", "a page", [(Root, 0x20_0003)] },
        { "clear pages by a rule", "Mapped", "a table", [(Root, Lowest | 0x83), (Lowest + 8, 0x5003)] },

        // The next level refuses.
        { "next table", "IllegalEncoding", "a table", [(Root, Middle | 0x601), (Middle, 0x4000_0001)] },
        { "next table", "Mapped", "a table two levels below", [(Root, Middle | 0x401), (Middle, 0x20_0001)] },
        { "next table", "Mapped", "a page", [(Root, 0x80_0000_0001)] },
        { "next table of three", "IllegalEncoding", "a table", [(Root, Middle | 0x601), (Middle, 0x4000_0001)] },
        { "next table of three", "Mapped", "a table two levels below", [(Root, Middle | 0x401), (Middle, 0x20_0001)] },
        { "next leaf", "IllegalEncoding", "a page", [(Root, 0x80_0000_0001)] },
        { "next leaf", "Mapped", "a table", [(Root, Middle | 0x601), (Middle, 0x4000_0001)] },

        // Only a marked page of the second row is refused.
        { "marked pages", "Mapped", "a page with the mark", [(Root, 0x80_0000_0003)] },
        { "marked pages", "ReservedBitSet", "a marked page", [(Root, 0x80_0000_0e03)] },

        // Present is what differs from a value, with a clear bit too.
        { "present but for a value", "Mapped", "a table without the bit", [(Root, Lowest), (Lowest + 8, 0x5000)] },
        { "present but for a value", "NotPresent", "the value", [(Root, Lowest | 3)] },
        { "present but for a value or marked", "Mapped", "a table without the bit", [(Root, Lowest), (Lowest + 8, 0x5000)] },
        { "present but for a value or marked", "NotPresent", "the value", [(Root, Lowest | 3)] },
    };

    [Theory]
    [InlineData("leaf")]
    [InlineData("all leaves")]
    [InlineData("all tables")]
    [InlineData("no tables")]
    [InlineData("clear pages")]
    [InlineData("clear pages by a rule")]
    [InlineData("next table")]
    [InlineData("next table of three")]
    [InlineData("next leaf")]
    [InlineData("marked pages")]
    [InlineData("present but for a value")]
    [InlineData("present but for a value or marked")]
    public void Its_code_compiles_without_a_warning_and_is_unrolled(string change)
    {
        GeneratorHarness harness = Generate(change);
        Assert.Empty(harness.Result.Diagnostics);
        Assert.Empty(GeneratedProject.Compile(harness.Sources));
        Assert.DoesNotContain("FormatWalk.Walk<", harness.Sources[$"{NameOf(change)}.Walk.g.cs"], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Walks))]
    public void It_answers_what_the_definition_says(string change, string outcome, string what, (ulong Slot, ulong Entry)[] entries)
    {
        string name = NameOf(change);
        WalkProbe.Answers answers = WalkProbe.Walk(
            Generate(change).Sources, name, entries.ToDictionary(e => e.Slot, e => e.Entry), Root, name == "Hop" ? 4 : 2, Address);
        Assert.True(outcome == answers.Outcome, $"{what}: {answers.Emitted}");
        Assert.Equal(answers.Generic, answers.Emitted);
    }

    private static string NameOf(string change) => Definition(change).Text.Contains("name: Hop\n", StringComparison.Ordinal) ? "Hop" : "Tiny";

    private static GeneratorHarness Generate(string change) => new([Definition(change), SmallDefinitions.Register]);

    private static DefinitionText Definition(string change) => change switch
    {
        "leaf" => Refusing(SmallDefinitions.Format, "levels: 2, for: leaf, when: { PS: 1 }"),
        "all leaves" => Refusing(SmallDefinitions.Format, "levels: 1, for: leaf"),
        "all tables" => Refusing(SmallDefinitions.Format, "levels: 2, for: table"),
        "no tables" => SmallDefinitions.Format.With("{ levels: 2, when: { PS: 1 }, needs: page_2m, else: reserved }", "{ levels: 2 }"),
        "clear pages" => ClearPages("when: { PS: 0, W: 1 }"),
        "clear pages that are present" => ClearPages("when: { PS: 0 }, not: { W: 1, R: 0 }").With("- { any: [R, W] }", "- { when: { R: 1 } }"),
        "clear pages by a rule" => Refusing(
            ClearPages("when: { PS: 0 }").With(", needs: page_2m, else: reserved", ""), "levels: 2, for: leaf, unless: page_2m"),
        "next table" => Refusing(Hop, "levels: 4, for: table, when: { NL: 3 }"),
        "next table of three" => Refusing(Hop, "levels: 4, for: table, when: { NL: 3 }").With("walks:\n", "walks:\n  - { levels: 3, input: 39 }\n"),
        "next leaf" => Refusing(Hop, "levels: 4, for: leaf, when: { NL: 0 }"),
        "marked pages" => Hop.With("- { levels: 1..4, when: { NL: 0 } }", "- { levels: 1..4, when: { NL: 0 } }\n  - { levels: 1..4, when: { NL: 7, X: 1 }, needs: marked, else: reserved }"),
        "present but for a value" => ButForAValue("{ not: { R: 1, W: 1 } }"),
        "present but for a value or marked" => ButForAValue("{ any: [D], not: { R: 1, W: 1 } }").With("name: dirty, flag: true", "name: dirty, flag: false"),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "No such change."),
    };

    /// <summary>Leaves without their own bit, on a machine that lacks them.</summary>
    private static DefinitionText ClearPages(string test) => SmallDefinitions.Format
        .With("when: { PS: 1 }", test)
        .With("name: page_2m, flag: true, from: TinyCap.Page2M", "name: page_2m, flag: false");

    private static DefinitionText ButForAValue(string row) => SmallDefinitions.Format
        .With("{ any: [R, W] }", row)
        .With("{ name: write-only, when: { R: 0, W: 1 }", "{ name: type, for: leaf, when: { MT: 7 }")
        .With("right: read, when: { R: 1 }", "right: read, when: { R: 0 }");

    private static DefinitionText Refusing(DefinitionText format, string rule) =>
        format.With("illegal:\n", $"illegal:\n  - {{ name: never, {rule}, doc: refused whatever else it holds }}\n");
}

namespace TdpHw.Formats.Tests.Interpreter;

public sealed class InterpretedFormatTests
{
    /// <summary>One level of 64-bit entries: bit 0 present, bit 1 writable, bit 2 as the test says, an address.</summary>
    private const string Definition = """
        hwdef: 1
        kind: page-table-format
        id: tiny
        page: 12
        index: 9
        check-order: malformed-first
        levels: { 1: Entry }
        walks:
          - { levels: 1, input: 21 }
        capabilities:
          - { name: width, width: 32..52, default: 40 }
          - { name: marks, flag: false }
        fields:
          - { name: Present, sym: P, bits: 0 }
          - { name: Writable, sym: W, bits: 1 }
          - { name: Marks, sym: M, bits: [63, 3], needs: marks, else: ignored }
          - { name: Address, sym: ADDR, bits: 51:12, role: address, limit: width, above: reserved, below: reserved }
        reserved:
          - { bits: 2 }
        ignored:
          - { bits: [62:52, 11:4] }
        present:
          - { when: { P: 1 } }
        leaf:
          - { levels: 1 }
        rights:
          - { right: write, when: { W: 1 } }
        """;

    public static TheoryData<string> FormatIds => [.. Definitions.FormatIds];

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Every_bit_has_one_meaning_under_all_capabilities(string formatId)
    {
        InterpretedFormat format = Definitions.Format(formatId);
        CapabilityRow[] flags = [.. format.Capabilities.Where(row => row.Most == 1)];
        foreach (ulong width in new ulong[] { 32, 46, 52 })
        {
            for (int set = 0; set < 1 << flags.Length; set++)
            {
                var capabilities = new Dictionary<string, ulong>();
                if (format.Capabilities.SingleOrDefault(row => row.Name == format.Address.Limit) is { } limit)
                {
                    capabilities[limit.Name] = Math.Clamp(width, limit.Least, limit.Most);
                }

                for (int flag = 0; flag < flags.Length; flag++)
                {
                    capabilities[flags[flag].Name] = ((ulong)set >> flag) & 1;
                }

                // Resolving settles every bit, and throws at one with no meaning or two.
                InterpretedRules rules = format.Resolve(capabilities);
                for (int level = 1; level <= format.LevelCount; level++)
                {
                    foreach (EntryLayout layout in rules.LayoutsAt(level))
                    {
                        Assert.Equal(0u, rules.ReservedMask(level, layout) & rules.IgnoredMask(level, layout));
                    }
                }
            }
        }
    }

    [Fact]
    public void A_list_of_bits_is_put_together_with_the_highest_first()
    {
        InterpretedRules rules = Resolve(Definition, ("marks", 1));
        Assert.Equal(0b10ul, rules.Decode(1, 0x8000000000000001)["M"]);
        Assert.Equal(0b01ul, rules.Decode(1, 0x9)["M"]);
    }

    [Fact]
    public void A_field_that_is_switched_off_is_absent_and_its_bits_are_what_else_says()
    {
        Assert.Null(Resolve(Definition).Decode(1, 0x9)["M"]);
        Assert.Equal(0u, Resolve(Definition).Decode(1, 0x9).ReservedBits);
        string otherwise = Definition.Replace("else: ignored", "else: reserved", StringComparison.Ordinal);
        Assert.Equal(0x8u, Resolve(otherwise).Decode(1, 0x9).ReservedBits);
    }

    [Fact]
    public void A_right_without_a_row_is_granted_and_user_fetches_follow_fetches()
    {
        Assert.Equal(Rights.All & ~Rights.Write, Resolve(Definition).Decode(1, 0x1).Rights);
        string fetches = Definition.Replace("right: write", "right: execute", StringComparison.Ordinal);
        Assert.Equal(Rights.All & ~(Rights.Execute | Rights.UserExecute), Resolve(fetches).Decode(1, 0x1).Rights);
    }

    [Theory]
    [InlineData("bits: 2 }", "bits: [2, 1] }", "bit 1 at level 1 (Leaf) has 2 meanings")]
    [InlineData("bits: [62:52, 11:4]", "bits: [62:52, 11:5]", "bit 4 at level 1 (Leaf) has 0 meanings")]
    public void A_bit_without_exactly_one_meaning_does_not_resolve(string old, string changed, string message)
    {
        InterpretedFormat format = InterpretedFormat.Parse(Definition.Replace(old, changed, StringComparison.Ordinal));
        var thrown = Assert.Throws<InvalidDataException>(() => format.Resolve(new Dictionary<string, ulong>()));
        Assert.Contains(message, thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bits: 2 }", "bits: 2, on: leaf }", "'on'")]
    [InlineData("page: 12", "page: 12\nextends: other", "'other'")]
    [InlineData("else: ignored", "else: free", "'free'")]
    [InlineData("right: write", "right: wish", "'wish'")]
    public void A_word_that_the_interpreter_would_overlook_is_refused(string old, string changed, string word)
    {
        string yaml = Definition.Replace(old, changed, StringComparison.Ordinal);
        Assert.NotEqual(Definition, yaml);
        var thrown = Assert.Throws<InvalidDataException>(() => InterpretedFormat.Parse(yaml));
        Assert.Contains(word, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_capability_that_the_definition_lacks_is_refused() =>
        Assert.Throws<ArgumentException>(() => Resolve(Definition, ("wishes", 1)));

    [Theory]
    [InlineData("width", 31)]
    [InlineData("width", 53)]
    [InlineData("marks", 2)]
    public void A_capability_outside_its_range_is_refused(string name, int value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Resolve(Definition, (name, (ulong)value)));

    private static InterpretedRules Resolve(string yaml, params (string Name, ulong Value)[] capabilities) =>
        InterpretedFormat.Parse(yaml).Resolve(capabilities.ToDictionary(pair => pair.Name, pair => pair.Value));
}

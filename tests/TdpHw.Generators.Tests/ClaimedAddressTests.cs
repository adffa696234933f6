using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

/// <summary>
/// Bits of the address that rules claim under some capabilities: under the others they are address, and refused above its width.
/// </summary>
public sealed class ClaimedAddressTests
{
    private const ulong Root = 0x1_0000;
    private const ulong Lowest = 0x3_0000;
    private const ulong Bit50 = 1ul << 50;
    private const ulong Bit51 = 1ul << 51;

    [Theory]
    [InlineData("needs: tag", 40, "ReservedBitSet")]
    [InlineData("needs: tag", 52, "0x8000000005234")]
    [InlineData("unless: tag", 40, "0x5234")]
    [InlineData("needs: [tag, dirty]", 40, "ReservedBitSet")]
    [InlineData("needs: dirty, unless: tag", 40, "0x5234")]
    [InlineData("needs: tag, else: ignored", 40, "0x5234")]
    [InlineData("needs: tag, else: ignored", 52, "0x5234")]
    [InlineData("needs: tag, else: reserved", 52, "ReservedBitSet")]
    [InlineData("levels: 1..2", 52, "0x5234")]
    public void Above_the_width_the_address_is_reserved_where_no_rule_has_the_bit(string claim, int width, string expected) =>
        Judge(Tagged(claim, width), expected);

    [Theory]
    [InlineData("needs: tag", 40, "IllegalEncoding")]
    [InlineData("needs: tag", 52, "0x8000000005234")]
    [InlineData("unless: tag", 40, "0x5234")]
    [InlineData("needs: [tag, dirty]", 40, "IllegalEncoding")]
    [InlineData("unless: [tag, dirty]", 40, "IllegalEncoding")]
    [InlineData("needs: dirty, unless: tag", 40, "0x5234")]
    [InlineData("needs: tag, else: ignored", 40, "0x5234")]
    public void Above_the_width_the_address_is_illegal_where_no_rule_has_the_bit(string claim, int width, string expected) =>
        Judge(
            Tagged(claim, width)
                .With("above: reserved", "above: illegal")
                .With("illegal:\n", "illegal:\n  - { name: too-wide, bound: width, doc: too wide }\n"),
            expected);

    [Theory]
    [InlineData("needs: tag", 40, "0x5234")]
    [InlineData("needs: tag", 52, "0xc000000005234")]
    [InlineData("levels: 1..2", 40, "0x5234")]
    [InlineData("levels: 1..2", 52, "0x4000000005234")]
    public void Above_the_width_the_address_is_no_address(string claim, int width, string expected) =>
        Judge(Tagged(claim, width).With("above: reserved", "above: res0"), expected, Bit51 | Bit50 | 0x5001);

    /// <summary>Tiny with bit 51 claimed, on a machine without tags and with dirty flags.</summary>
    private static DefinitionText Tagged(string claim, int width) => SmallDefinitions.Format
        .With("default: 46", $"default: {width}")
        .With("capabilities:\n", "capabilities:\n  - { name: tag, flag: false, doc: tagged pages }\n")
        .With("  - { name: Address,", $"  - {{ name: Tag, sym: TAG, bits: 51, {claim}, doc: a tag }}\n  - {{ name: Address,");

    private static void Judge(DefinitionText format, string expected, ulong entry = Bit51 | 0x5001)
    {
        var harness = new GeneratorHarness([format, SmallDefinitions.Register]);
        Assert.Empty(harness.Result.Diagnostics);

        WalkProbe.Answers answers = WalkProbe.Walk(
            harness.Sources, "Tiny", new() { [Root] = Lowest | 1, [Lowest + 8] = entry }, Root, 2, 0x1234);

        Assert.Equal(answers.Generic, answers.Emitted);
        Assert.Contains(expected, answers.Emitted, StringComparison.OrdinalIgnoreCase);
    }
}

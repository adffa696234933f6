using System.Reflection;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

/// <summary>What the schema lets a field of an encoding be and no shipped overlay has, compiled and run.</summary>
public sealed class EncodingFieldTests
{
    [Fact]
    public void A_field_may_be_the_whole_entry()
    {
        DefinitionText overlay = SmallDefinitions.Overlay
            .With("bits: 51:12, displace: { bits: 5, below: cache_bits }", "bits: 63:0");
        var harness = new GeneratorHarness([SmallDefinitions.Format, SmallDefinitions.Register, overlay]);
        Assert.Empty(harness.Result.Diagnostics);
        Assert.Empty(GeneratedProject.Compile(harness.Sources));
        Type type = GeneratedProject.Load(harness.Sources).GetType("TdpHw.Formats.TinyUseOld", throwOnError: true)!;
        const ulong value = 0x8000_0000_0000_0010;

        object entry = type.GetMethod("ComposeSwapped", BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [value])!;

        Assert.Equal(value, entry.GetType().GetProperty("Raw")!.GetValue(entry));
        Assert.Equal(value, type.GetMethod("SwappedSlot", BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [entry]));
    }

    [Theory]
    [InlineData("Class")]
    [InlineData("Raw")]
    [InlineData("Width")]
    [InlineData("Covered")]
    [InlineData("CacheBits")]
    public void A_field_may_be_called_as_a_word_of_the_code(string name) =>
        Compiles(SmallDefinitions.Overlay.With("name: Slot", "name: " + name));

    [Theory]
    [InlineData("class")]
    [InlineData("entry")]
    [InlineData("bits")]
    [InlineData("covered")]
    [InlineData("raw")]
    public void A_width_may_be_called_as_a_word_of_the_code(string name) =>
        Compiles(SmallDefinitions.Overlay.With("name: cache_bits", "name: " + name).With("below: cache_bits", "below: " + name));

    [Fact]
    public void Two_fields_may_be_displaced_below_one_width() => Compiles(SmallDefinitions.Overlay.With(
        "doc: slot on the disk }", "doc: slot on the disk }\n      - { name: Other, bits: 51:12, displace: { bits: 5, below: cache_bits }, doc: again }"));

    [Theory]
    [InlineData("class")]
    [InlineData("value")]
    [InlineData("values")]
    public void A_bit_whose_place_a_capability_tells_may_be_called_as_a_word_of_the_code(string name)
    {
        DefinitionText format = SmallDefinitions.Format
            .With("capabilities:\n", $"capabilities:\n  - {{ name: {name}, width: 40..50, optional: true, doc: where the mark is }}\n")
            .With("- { name: Address", $"- {{ name: Mark, sym: MARK, bits: {name}, doc: marked }}\n  - {{ name: Address");
        Compiles(format.With("input: GPA", "input: IN"));
    }

    private static void Compiles(DefinitionText changed)
    {
        var harness = new GeneratorHarness(
            [changed, .. new[] { SmallDefinitions.Format, SmallDefinitions.Register }.Where(file => file.Name != changed.Name)]);
        Assert.Empty(harness.Result.Diagnostics);
        Assert.Empty(GeneratedProject.Compile(harness.Sources));
    }
}

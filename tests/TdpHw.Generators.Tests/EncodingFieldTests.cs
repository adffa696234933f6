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
}

using TdpHw.Generators.Tests.Diagnostics;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

/// <summary>Definitions of a package that a project refers to: its own may build on them, and their code is not made again.</summary>
public sealed class ReferencedDefinitionTests
{
    [Fact]
    public void An_overlay_builds_on_a_format_whose_code_is_elsewhere()
    {
        var harness = new GeneratorHarness(
            [SmallDefinitions.Format, SmallDefinitions.Register, SmallDefinitions.Overlay],
            "Acme.Tables",
            SmallDefinitions.Format,
            SmallDefinitions.Register);

        Assert.Empty(harness.Result.Diagnostics);
        Assert.Contains(harness.Sources.Keys, name => name.StartsWith("TinyUse", StringComparison.Ordinal));
        Assert.DoesNotContain(harness.Sources.Keys, name => name.StartsWith("Tiny.", StringComparison.Ordinal));
        Assert.Contains("TinyUse.Description", harness.Sources["FormatRegistry.g.cs"], StringComparison.Ordinal);
        Assert.DoesNotContain("Tiny.Description", harness.Sources["FormatRegistry.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_nearly_one_of_theirs_is_told()
    {
        DefinitionText broken = SmallDefinitions.Overlay.With("base: Tiny", "base: Tinny");
        var harness = new GeneratorHarness([SmallDefinitions.Format, SmallDefinitions.Register, broken], "Acme.Tables", SmallDefinitions.Format);

        string line = Assert.Single(DiagnosticCase.LinesOf(harness.Result.Diagnostics));
        Assert.Contains("Tinny", line, StringComparison.Ordinal);
        Assert.Contains("Tiny", line, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_them_is_not_the_projects_business()
    {
        DefinitionText broken = SmallDefinitions.Struct.With("size: 32", "size: 28");
        var harness = new GeneratorHarness([SmallDefinitions.Register, broken], "Acme.Tables", broken);

        Assert.Empty(harness.Result.Diagnostics);
    }

    [Fact]
    public void A_projects_own_definition_of_the_name_comes_first()
    {
        var own = new DefinitionText("own.hwdef.yaml", SmallDefinitions.Format.Text);
        var harness = new GeneratorHarness(
            [SmallDefinitions.Format, own, SmallDefinitions.Register], "Acme.Tables", SmallDefinitions.Format);

        Assert.Empty(harness.Result.Diagnostics);
        Assert.Contains("Tiny.Walk.g.cs", harness.Sources.Keys);
    }
}

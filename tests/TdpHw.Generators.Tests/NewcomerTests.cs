using TdpHw.Generators.Tests.Diagnostics;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

/// <summary>What <c>hwdefs/README.md</c> promises to someone who writes a first definition.</summary>
public sealed class NewcomerTests
{
    private static readonly string Readme = Repository.Read("hwdefs/README.md").ReplaceLineEndings("\n");

    private static readonly DefinitionText Example = new("toy.hwdef.yaml", Between(Readme, "```yaml\n", "```"));

    [Fact]
    public void The_example_makes_code_beside_the_definitions_that_ship()
    {
        var harness = new GeneratorHarness([.. Repository.Definitions, Example]);

        Assert.Empty(harness.Result.Diagnostics);
        Assert.Contains("Toy.Walk.g.cs", harness.Sources.Keys);
        Assert.Contains("Toy", harness.Sources["FormatRegistry.g.cs"], StringComparison.Ordinal);
        Assert.Empty(GeneratedProject.Compile(harness.Sources));
    }

    [Fact]
    public void A_rule_that_is_left_out_is_told_in_the_words_of_the_readme()
    {
        string promise = Between(Readme, "Leave one rule out", "\"*");
        string rule = Between(promise, "`", "`");
        string message = Between(promise + "\0", "*\"", "\0").ReplaceLineEndings(" ");
        DefinitionText broken = Example.With($"reserved:\n  - {{ {rule} }}\n", "");

        var harness = new GeneratorHarness([.. Repository.Definitions, broken]);

        string line = Assert.Single(DiagnosticCase.LinesOf(harness.Result.Diagnostics));
        Assert.StartsWith(broken.Name, line, StringComparison.Ordinal);
        Assert.EndsWith(": TDPHW202: " + message, line, StringComparison.Ordinal);
    }

    /// <summary>What stands between the first <paramref name="start"/> and the next <paramref name="end"/>.</summary>
    private static string Between(string text, string start, string end)
    {
        int from = text.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, $"'{start}' is missing.");
        from += start.Length;
        int to = text.IndexOf(end, from, StringComparison.Ordinal);
        Assert.True(to >= 0, $"'{end}' is missing after '{start}'.");
        return text[from..to];
    }
}

using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

public sealed class RealDefinitionTests
{
    private static readonly GeneratorHarness Harness = new(Repository.Definitions);

    [Fact]
    public void The_definitions_that_ship_have_no_errors() => Assert.Empty(Harness.Result.Diagnostics);

    [Fact]
    public void Their_code_is_what_was_reviewed() => Snapshot.InProject().MatchAll(
        Harness.Sources.ToDictionary(s => s.Key[..^".cs".Length], s => s.Value));

    [Fact]
    public void Their_code_compiles_as_csharp_13_without_a_warning() => Assert.Empty(GeneratedProject.Compile(Harness.Sources));

    [Fact]
    public void Their_code_compiles_in_a_namespace_of_the_consumer()
    {
        var consumer = new GeneratorHarness(Repository.Definitions, "Some.Consumer");

        Assert.All(consumer.Sources.Values, text => Assert.Contains("\nnamespace Some.Consumer;\n", text, StringComparison.Ordinal));
        Assert.Empty(GeneratedProject.Compile(consumer.Sources));
    }

    [Fact]
    public void Their_code_has_unix_line_ends_and_no_path() => Assert.All(Harness.Sources.Values, text =>
    {
        Assert.DoesNotContain('\r', text);
        Assert.DoesNotContain(DefinitionText.Folder, text, StringComparison.Ordinal);
    });

    [Fact]
    public void The_order_of_the_files_changes_nothing()
    {
        var reversed = new GeneratorHarness(Repository.Definitions.Reverse());

        Assert.Equal(Harness.Sources.OrderBy(s => s.Key, StringComparer.Ordinal), reversed.Sources.OrderBy(s => s.Key, StringComparer.Ordinal));
    }
}

using TdpHw.Generators.Tests.Diagnostics;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

/// <summary>Definitions that extend others: what they make, and what an edit of the base or of the extension costs.</summary>
public sealed class ExtensionTests
{
    private static readonly IReadOnlyList<DefinitionText> Files = [.. SmallDefinitions.All, SmallDefinitions.Extension];

    private static readonly string[] Wide =
        ["Wide.Capabilities.g.cs", "Wide.Entry.g.cs", "Wide.Rules.g.cs", "Wide.Walk.g.cs", "Wide.g.cs"];

    private static readonly string[] Tiny =
        ["Tiny.Capabilities.g.cs", "Tiny.Entry.g.cs", "Tiny.Rules.g.cs", "Tiny.Walk.g.cs", "Tiny.g.cs", "TinyType.g.cs"];

    [Fact]
    public void An_extension_is_a_format_of_its_own_and_shares_the_types_of_its_base()
    {
        var harness = new GeneratorHarness(Files);

        Assert.Empty(harness.Result.Diagnostics);
        Assert.Equal(Wide, harness.Sources.Keys.Where(name => name.StartsWith("Wide", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("TinyType MemoryType", harness.Sources["Wide.Entry.g.cs"], StringComparison.Ordinal);
        Assert.Empty(GeneratedProject.Compile(harness.Sources));
    }

    [Fact]
    public void What_is_written_over_nothing_is_as_if_it_were_written_out()
    {
        DefinitionText whole = SmallDefinitions.Format
            .With("name: Tiny\n", "name: Wide\n").With("id: tiny\n", "id: wide\n")
            .With("doc: A format of two levels", "doc: The format with a third level");
        DefinitionText bare = SmallDefinitions.Extension.WithText(
            SmallDefinitions.Extension.Text[..SmallDefinitions.Extension.Text.IndexOf("levels:", StringComparison.Ordinal)]);

        IReadOnlyDictionary<string, string> written = new GeneratorHarness([whole, SmallDefinitions.Register]).Sources;
        IReadOnlyDictionary<string, string> extended = new GeneratorHarness([SmallDefinitions.Format, SmallDefinitions.Register, bare]).Sources;

        Assert.All(Wide, name => Assert.Equal(written[name], extended[name]));
    }

    [Fact]
    public void Layers_lie_on_layers()
    {
        DefinitionText top = new DefinitionText("top.hwdef.yaml", """
            hwdef: 1
            kind: page-table-format
            name: Top
            id: top
            extends: Wide
            doc: The format once more
            ignored:
              - { bits: 8 }
            """);

        var harness = new GeneratorHarness([.. Files, top]);

        Assert.Empty(harness.Result.Diagnostics);
        Assert.DoesNotContain("Pinned", harness.Sources["Top.Entry.g.cs"], StringComparison.Ordinal);
        Assert.Contains("PUE", harness.Sources["Top.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void An_overlay_lies_on_an_extension()
    {
        DefinitionText overlay = SmallDefinitions.Overlay.With("base: Tiny\n", "base: Wide\n");
        Assert.Empty(new GeneratorHarness(Files.Select(file => file.Name == overlay.Name ? overlay : file)).Result.Diagnostics);

        // Bit 8 is free in the base and a field in the extension.
        DefinitionText wrong = overlay.With("sym: PIN, bits: 52", "sym: PIN, bits: 8");
        string line = Assert.Single(DiagnosticCase.LinesOf(
            new GeneratorHarness(Files.Select(file => file.Name == wrong.Name ? wrong : file)).Result.Diagnostics));
        Assert.Contains("TDPHW301: Bit 8 of field 'Pinned' is not ignored in PTE (level 1, leaf) of Wide", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_may_be_a_packages_and_its_types_are_not_made_again()
    {
        var harness = new GeneratorHarness(
            [SmallDefinitions.Format, SmallDefinitions.Register, SmallDefinitions.Extension],
            "Acme.Tables",
            SmallDefinitions.Format,
            SmallDefinitions.Register);

        Assert.Empty(harness.Result.Diagnostics);
        Assert.Equal([.. Wide.Append("FormatRegistry.g.cs").Order(StringComparer.Ordinal)], harness.Sources.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_own_definition_may_extend_the_packages_of_its_name()
    {
        DefinitionText own = SmallDefinitions.Extension.With("name: Wide\n", "name: Tiny\n").With("id: wide\n", "id: tiny\n");
        var harness = new GeneratorHarness(
            [SmallDefinitions.Format, SmallDefinitions.Register, own], "Acme.Tables", SmallDefinitions.Format, SmallDefinitions.Register);

        Assert.Empty(harness.Result.Diagnostics);
        Assert.Contains("PUE", harness.Sources["Tiny.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_comment_in_the_base_changes_nothing_behind_binding()
    {
        var harness = new GeneratorHarness(Files);

        harness.Replace(SmallDefinitions.Format.WithText("# a comment, which moves every line\n" + SmallDefinitions.Format.Text));

        int others = Files.Count - 2;
        Assert.Equal($"Layers: Modified 2, Unchanged {others}", harness.Reasons(TrackingNames.Layers));
        Assert.Equal("Names: Cached 1", harness.Reasons(TrackingNames.Names));
        Assert.Equal($"Bind: Unchanged 2, Cached {others}", harness.Reasons(TrackingNames.Bind));
        Assert.Equal($"Specs: Cached {others + 2}", harness.Reasons(TrackingNames.Specs));
        Assert.Empty(harness.Emitted);
    }

    [Fact]
    public void A_comment_in_an_extension_changes_nothing_behind_binding()
    {
        var harness = new GeneratorHarness(Files);

        harness.Replace(SmallDefinitions.Extension.WithText("# a comment\n" + SmallDefinitions.Extension.Text));

        Assert.Equal("Bases: Unchanged 1", harness.Reasons(TrackingNames.Bases));
        Assert.Equal($"Bind: Unchanged 1, Cached {Files.Count - 1}", harness.Reasons(TrackingNames.Bind));
        Assert.Empty(harness.Emitted);
    }

    [Fact]
    public void An_edit_of_what_nothing_extends_leaves_the_layers_alone()
    {
        var harness = new GeneratorHarness(Files);

        harness.Replace(SmallDefinitions.Struct.With("doc: which format", "doc: the format"));

        Assert.Equal("Bases: Unchanged 1", harness.Reasons(TrackingNames.Bases));
        Assert.Equal(["TinyMeta.g.cs"], harness.Emitted);
    }

    [Fact]
    public void An_edit_of_the_base_re_emits_it_and_what_extends_it()
    {
        var harness = new GeneratorHarness(Files);

        harness.Replace(SmallDefinitions.Format.With("doc: allows writes", "doc: lets writes pass"));

        Assert.Equal([.. Tiny.Concat(Wide).Order(StringComparer.Ordinal)], harness.Emitted);
        Assert.Contains("lets writes pass", harness.Sources["Wide.g.cs"], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void An_edit_of_an_extension_re_emits_it_alone()
    {
        var harness = new GeneratorHarness(Files);

        harness.Replace(SmallDefinitions.Extension.With("doc: the page stays", "doc: pinned"));

        Assert.Equal(Wide, harness.Emitted);
    }

    [Fact]
    public void A_base_that_comes_and_goes_brings_and_takes_what_extends_it()
    {
        var harness = new GeneratorHarness([SmallDefinitions.Register, SmallDefinitions.Extension]);
        Assert.Equal(["wide.hwdef.yaml(5,10): TDPHW306: There is no page table format 'Tiny'; there are: Wide"], DiagnosticCase.LinesOf(harness.Result.Diagnostics));

        harness.Add(SmallDefinitions.Format);
        Assert.Empty(harness.Result.Diagnostics);
        Assert.Equal([.. Tiny.Concat(Wide).Append("FormatRegistry.g.cs").Order(StringComparer.Ordinal)], harness.Emitted);

        harness.Remove(SmallDefinitions.Format.Name);
        Assert.Equal(["TinyCap.g.cs"], harness.Sources.Keys);
    }
}

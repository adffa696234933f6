using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

/// <summary>What an edit costs while somebody types: the harness proves besides that a second run costs nothing.</summary>
public sealed class CachingTests
{
    private const string RegistryFile = "FormatRegistry.g.cs";

    [Fact]
    public void A_comment_changes_nothing_behind_binding()
    {
        var harness = new GeneratorHarness(Repository.Definitions);
        DefinitionText ept = Repository.Definition("ept");

        harness.Replace(ept.WithText("# a comment, which moves every line\n" + ept.Text));

        int others = Repository.Definitions.Count - 1;
        Assert.Equal($"Parse: Modified 1, Cached {others}", harness.Reasons(TrackingNames.Parse));
        Assert.Equal("Names: Cached 1", harness.Reasons(TrackingNames.Names));
        Assert.Equal($"Bind: Unchanged 1, Cached {others}", harness.Reasons(TrackingNames.Bind));
        Assert.Equal($"Specs: Cached {others + 1}", harness.Reasons(TrackingNames.Specs));
        Assert.Equal("Registry: Cached 1", harness.Reasons(TrackingNames.Registry));
        Assert.Empty(harness.Emitted);
    }

    [Fact]
    public void A_comment_in_a_file_with_errors_moves_its_errors_only()
    {
        DefinitionText broken = SmallDefinitions.Struct.With("size: 32", "size: 28");
        var harness = new GeneratorHarness([SmallDefinitions.Format, SmallDefinitions.Register, SmallDefinitions.Overlay, broken]);

        harness.Replace(broken.WithText("# a comment\n" + broken.Text));

        Assert.Equal("Diagnostics: Modified 1", harness.Reasons(TrackingNames.Diagnostics));
        Assert.Equal(9, harness.Result.Diagnostics.Single().Location.GetLineSpan().StartLinePosition.Line);
        Assert.Empty(harness.Emitted);
    }

    [Fact]
    public void A_field_re_emits_its_own_file()
    {
        var harness = new GeneratorHarness(Repository.Definitions);

        harness.Replace(Repository.Definition("eptp").With("name: SupervisorShadowStack", "name: ShadowStack"));

        Assert.Equal("Registry: Cached 1", harness.Reasons(TrackingNames.Registry));
        Assert.Equal(["EptWalkMemoryType.g.cs", "Eptp.g.cs"], harness.Emitted);
    }

    [Fact]
    public void A_field_of_a_format_re_emits_the_format()
    {
        var harness = new GeneratorHarness(Repository.Definitions);

        harness.Replace(Repository.Definition("vtd-ss").With("name: Snoop,", "name: ForceSnoop,"));

        Assert.Equal("Registry: Cached 1", harness.Reasons(TrackingNames.Registry));
        Assert.All(harness.Emitted, name => Assert.StartsWith("Vtd", name, StringComparison.Ordinal));
        Assert.Contains("VtdSecondStage.Entry.g.cs", harness.Emitted);
        Assert.DoesNotContain("VtdCap.g.cs", harness.Emitted);
    }

    [Fact]
    public void A_field_of_a_format_is_news_to_those_that_mention_it()
    {
        var harness = new GeneratorHarness(Repository.Definitions);

        harness.Replace(Repository.Definition("vtd-ss").With("doc: allows reads", "doc: lets reads pass"));

        int mention = Repository.Definitions.Count(
            d => d != Repository.Definition("vtd-ss") && d.Text.Contains("VtdSecondStage", StringComparison.Ordinal));
        Assert.NotEqual(0, mention);
        Assert.Equal(
            $"Bind: Modified 1, Unchanged {mention}, Cached {Repository.Definitions.Count - 1 - mention}",
            harness.Reasons(TrackingNames.Bind));
    }

    [Fact]
    public void A_new_definition_emits_itself_and_the_registry()
    {
        var harness = new GeneratorHarness([SmallDefinitions.Register, SmallDefinitions.Struct]);

        harness.Add(SmallDefinitions.Format);

        Assert.Equal(
            [RegistryFile, "Tiny.Capabilities.g.cs", "Tiny.Entry.g.cs", "Tiny.Rules.g.cs", "Tiny.Walk.g.cs", "Tiny.g.cs", "TinyType.g.cs"],
            harness.Emitted);
    }

    [Fact]
    public void A_new_struct_leaves_the_registry_alone()
    {
        var harness = new GeneratorHarness(Repository.Definitions);

        harness.Add(SmallDefinitions.Struct);

        Assert.Equal("Registry: Cached 1", harness.Reasons(TrackingNames.Registry));
        Assert.Equal(["TinyMeta.g.cs"], harness.Emitted);
    }

    [Fact]
    public void A_renamed_definition_emits_itself_and_the_registry()
    {
        var harness = new GeneratorHarness(SmallDefinitions.All.Where(file => file != SmallDefinitions.Overlay));

        harness.Replace(SmallDefinitions.Format.With("name: Tiny\n", "name: Small\n"));

        Assert.Equal(
            [RegistryFile, "Small.Capabilities.g.cs", "Small.Entry.g.cs", "Small.Rules.g.cs", "Small.Walk.g.cs", "Small.g.cs", "TinyType.g.cs"],
            harness.Emitted);
        Assert.DoesNotContain("Tiny.g.cs", harness.Sources.Keys);
    }

    [Fact]
    public void A_removed_definition_re_emits_the_registry_alone()
    {
        var harness = new GeneratorHarness(Repository.Definitions);

        harness.Remove("kvm-ept.hwdef.yaml");

        Assert.Equal([RegistryFile], harness.Emitted);
        Assert.DoesNotContain("KvmEpt.g.cs", harness.Sources.Keys);
        Assert.Contains("Ept.g.cs", harness.Sources.Keys);
    }

    [Fact]
    public void A_renamed_file_changes_no_code()
    {
        var harness = new GeneratorHarness(Repository.Definitions);
        IReadOnlyDictionary<string, string> before = harness.Sources;

        harness.Remove("eptp.hwdef.yaml");
        harness.Add(new DefinitionText("pointer.hwdef.yaml", Repository.Definition("eptp").Text));

        Assert.Equal(["EptWalkMemoryType.g.cs", "Eptp.g.cs"], harness.Emitted);
        Assert.Equal(before["Eptp.g.cs"], harness.Sources["Eptp.g.cs"]);
    }

    [Fact]
    public void A_word_about_a_register_does_not_re_emit_the_formats_that_read_it()
    {
        var harness = new GeneratorHarness(Repository.Definitions);

        harness.Replace(Repository.Definition("ept-vpid-cap").With("doc: 2-MiB pages", "doc: large pages"));

        Assert.Equal(["EptVpidCap.g.cs"], harness.Emitted);
    }

    [Fact]
    public void A_moved_register_field_re_emits_the_format_whose_capability_it_is()
    {
        var harness = new GeneratorHarness(Repository.Definitions);

        harness.Replace(Repository.Definition("ept-vpid-cap")
            .With("name: Page2M, sym: P2M, bits: 16", "name: Page2M, sym: P2M, bits: 15")
            .With("19:18, 15, 13:9", "19:18, 16, 13:9"));

        Assert.Empty(harness.Result.Diagnostics);
        Assert.Equal(
            ["Ept.Capabilities.g.cs", "Ept.Entry.g.cs", "Ept.Rules.g.cs", "Ept.Walk.g.cs", "Ept.g.cs", "EptMemoryType.g.cs", "EptVpidCap.g.cs"],
            harness.Emitted);
    }
}

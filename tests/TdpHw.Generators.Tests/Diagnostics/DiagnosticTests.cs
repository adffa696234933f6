using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests.Diagnostics;

public sealed class DiagnosticTests
{
    private static readonly IReadOnlyDictionary<string, DiagnosticCase> Cases = FormCases.All
        .Concat(ValueCases.All)
        .Concat(AccountingCases.All)
        .Concat(CrossFileCases.All)
        .Concat(ExtensionCases.All)
        .ToDictionary(c => c.Title, StringComparer.Ordinal);

    public static TheoryData<string> Titles => [.. Cases.Keys];

    public static TheoryData<string> Shipped => [.. Repository.Definitions.Select(file => file.Name[..^".hwdef.yaml".Length])];

    [Theory]
    [MemberData(nameof(Titles))]
    public void An_error_is_told_where_it_stands(string title)
    {
        DiagnosticCase wrong = Cases[title];

        var harness = new GeneratorHarness(wrong.Project);

        // As one text each: the framework cuts long lists where it gets interesting.
        string expected = string.Join('\n', wrong.ExpectedLines);
        string actual = string.Join('\n', DiagnosticCase.LinesOf(harness.Result.Diagnostics));
        Assert.True(expected == actual, $"Expected:\n{expected}\nTold:\n{actual}");
    }

    [Fact]
    public void A_failure_of_the_generator_itself_is_told_at_the_file_and_spares_the_others()
    {
        var harness = new GeneratorHarness([.. SmallDefinitions.All, new UnreadableText(() => new InvalidOperationException("No text."))]);

        Assert.Equal(
            ["unreadable.hwdef.yaml(1,1): TDPHW901: The generator failed on this file, which is its own fault: InvalidOperationException: No text."],
            DiagnosticCase.LinesOf(harness.Result.Diagnostics));
        Assert.Equal(new GeneratorHarness(SmallDefinitions.All).Sources.Keys.Order(), harness.Sources.Keys.Order());
    }

    [Fact]
    public void A_cancelled_run_is_no_failure()
    {
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new HwDefGenerator().AsSourceGenerator()], [new UnreadableText(() => new OperationCanceledException())]);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => driver.RunGenerators(CSharpCompilation.Create("Consumer"), cancelled.Token));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_broken_file_takes_no_other_with_it(string name)
    {
        DefinitionText broken = Repository.Definition(name);
        broken = broken.WithText(broken.Text + "[");
        IEnumerable<DefinitionText> others = Repository.Definitions.Where(file => file.Name != broken.Name);

        var harness = new GeneratorHarness([.. others, broken]);

        Assert.All(DiagnosticCase.LinesOf(harness.Result.Diagnostics), line => Assert.StartsWith(broken.Name, line, StringComparison.Ordinal));
        Assert.NotEmpty(harness.Result.Diagnostics);

        // The registry may list more: what refers to a broken file can stand, what refers to none can't.
        Assert.All(
            new GeneratorHarness(others).Sources.Where(source => source.Key != "FormatRegistry.g.cs"),
            source => Assert.Equal(source.Value, harness.Sources[source.Key]));
    }

    [Fact]
    public void A_broken_register_leaves_the_formats_that_read_it()
    {
        DefinitionText broken = SmallDefinitions.Register.With("bits: 32", "bits: 31");

        var harness = new GeneratorHarness([SmallDefinitions.Format, broken]);

        Assert.All(harness.Result.Diagnostics, error => Assert.EndsWith(broken.Name, error.Location.GetLineSpan().Path, StringComparison.Ordinal));
        Assert.Contains("Tiny.Walk.g.cs", harness.Sources.Keys);
    }

    [Fact]
    public void A_broken_base_leaves_no_overlay_without_base()
    {
        DefinitionText broken = SmallDefinitions.Format.With("bits: 51:12, role", "bits: 99:12, role");

        var harness = new GeneratorHarness([broken, SmallDefinitions.Register, SmallDefinitions.Overlay]);

        Assert.All(harness.Result.Diagnostics, error => Assert.EndsWith(broken.Name, error.Location.GetLineSpan().Path, StringComparison.Ordinal));
        Assert.Equal(["TinyCap.g.cs"], harness.Sources.Keys);
    }

    [Fact]
    public void A_broken_base_leaves_no_extension_without_base()
    {
        foreach (DefinitionText broken in new[] { SmallDefinitions.Format.With("bits: 51:12, role", "bits: 99:12, role"), SmallDefinitions.Format.With("page: 12", "pages: 12"), SmallDefinitions.Format.With("page: 12", "page: [") })
        {
            var harness = new GeneratorHarness([broken, SmallDefinitions.Register, SmallDefinitions.Extension]);

            Assert.NotEmpty(harness.Result.Diagnostics);
            Assert.All(harness.Result.Diagnostics, error => Assert.EndsWith(broken.Name, error.Location.GetLineSpan().Path, StringComparison.Ordinal));
            Assert.Equal(["TinyCap.g.cs"], harness.Sources.Keys);
        }
    }

    [Fact]
    public void What_leads_to_definitions_that_extend_each_other_has_no_error_of_its_own()
    {
        DefinitionText wider = new DefinitionText("wider.hwdef.yaml", SmallDefinitions.Extension.Text)
            .With("name: Wide\n", "name: Wider\n").With("id: wide\n", "id: wider\n").With("extends: Tiny", "extends: Wider");
        DefinitionText upon = SmallDefinitions.Extension.With("extends: Tiny", "extends: Wider");

        var harness = new GeneratorHarness([.. SmallDefinitions.All, wider, upon]);

        string line = Assert.Single(DiagnosticCase.LinesOf(harness.Result.Diagnostics));
        Assert.StartsWith("wider.hwdef.yaml(5,10): TDPHW308: Wider extends Wider;", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_diagnostic_has_a_test() => Assert.Equal(
        DiagnosticCatalog.ById.Keys.Where(id => id != DiagnosticCatalog.InternalError.Id).Order(),
        Cases.Values.SelectMany(c => c.Expected).Select(error => error.Id).Distinct().Order());

    [Fact]
    public void Every_mark_has_its_error() => Assert.All(Cases.Values, c => Assert.Equal(c.Expected.Length, c.Places().Count()));

    [Fact]
    public void The_small_definitions_have_no_errors() => Assert.Empty(new GeneratorHarness(SmallDefinitions.All).Result.Diagnostics);

    [Fact]
    public void The_small_definitions_make_code_that_compiles() =>
        Assert.Empty(GeneratedProject.Compile(new GeneratorHarness(SmallDefinitions.All).Sources));

    [Theory]
    [InlineData("generators/TdpHw.Generators/AnalyzerReleases.Unshipped.md", "{0} | TdpHw.HwDef | Error | {1}\n")]
    [InlineData("hwdefs/README.md", "| <a id=\"{2}\"></a>{0} | {1} | ")]
    public void Every_diagnostic_is_listed(string file, string row)
    {
        string text = Repository.Read(file);

        Assert.All(DiagnosticCatalog.ById.Values, descriptor => Assert.Contains(
            string.Format(CultureInfo.InvariantCulture, row, descriptor.Id, descriptor.Title, descriptor.Id.ToLowerInvariant()),
            text,
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_link_leads_to_the_explanation_of_each_diagnostic() => Assert.All(
        DiagnosticCatalog.ById.Values,
        descriptor => Assert.Equal("hwdefs/README.md#" + descriptor.Id.ToLowerInvariant(), descriptor.HelpLinkUri));

    [Fact]
    public void A_special_entry_may_be_refused_for_one_reason_as_a_page_and_for_another_as_a_table()
    {
        DefinitionText format = SmallDefinitions.Format
            .With("rights:\n", "  - { name: type, for: leaf, when: { MT: 7 }, doc: no such type }\nrights:\n");
        DefinitionText overlay = SmallDefinitions.Overlay.With("when: { R: 0, W: 0 }", "when: { R: 1, MT: 7 }");

        Assert.Empty(new GeneratorHarness([format, SmallDefinitions.Register, overlay]).Result.Diagnostics);
    }

    [Fact]
    public void A_special_entry_may_have_what_a_rule_asks_to_be_different()
    {
        // Refused for a clear bit that has to be set; not present for the one value that present entries do not have.
        DefinitionText refusing = SmallDefinitions.Format.With("when: { R: 0, W: 1 }", "when: { W: 1 }, not: { R: 1 }");
        DefinitionText refused = SmallDefinitions.Overlay.With("when: { R: 0, W: 0 }", "when: { R: 0, W: 1 }");
        DefinitionText differing = SmallDefinitions.Format.With("- { any: [R, W] }", "- { not: { R: 1 } }");
        DefinitionText absent = SmallDefinitions.Overlay
            .With("when: { R: 0, W: 0 }", "when: { R: 1 }").With("values: [0x0]", "values: [0x1]");

        Assert.Empty(new GeneratorHarness([refusing, SmallDefinitions.Register, refused]).Result.Diagnostics);
        Assert.Empty(new GeneratorHarness([differing, SmallDefinitions.Register, absent]).Result.Diagnostics);
    }

    [Fact]
    public void Bit_59_can_be_shared_with_VTd_where_bit_11_cannot()
    {
        DefinitionText shared = Repository.Definition("kvm-ept")
            .With("- { id: low, doc:", "- { id: low, shared-with: [VtdSecondStage], doc:")
            .With("{ name: MmuPresent, sym: MP, bits: 11,", "{ name: MmuPresent, sym: MP, bits: 59,");

        var harness = new GeneratorHarness(Repository.Definitions.Select(file => file.Name == shared.Name ? shared : file));

        Assert.Empty(harness.Result.Diagnostics);
        Assert.Contains("KvmEptLow.g.cs", harness.Sources.Keys);
    }
}

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Generators;

namespace TdpHw.Benchmarks.Cases;

/// <summary>The generator after an edit of one definition, as in an editor, against a run on all definitions in a process that is warm.</summary>
internal sealed class EditCase : RatioCase
{
    private const string Edited = "vtd-ss.hwdef.yaml";

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp13);

    private static readonly CSharpCompilation Project = CSharpCompilation.Create(
        "Consumer", options: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

    public override ImmutableArray<Goal> Goals => [Ratios.Goals.Edit];

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (Repository.Find() is not { } repository)
        {
            return [RatioRow.Skipped(Goals[0], "not run from the repository")];
        }

        AdditionalText[] files =
        [
            .. Directory.EnumerateFiles(Path.Combine(repository, "hwdefs"), "*.hwdef.yaml", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(path => new Definition(path, File.ReadAllText(path))),
        ];
        AdditionalText current = files.Single(f => f.Path.EndsWith(Edited, StringComparison.Ordinal));
        string text = current.GetText()!.ToString();
        GeneratorDriver driver = Create(files).RunGenerators(Project);
        int edits = 0;
        double[] ns = Interleaved.Measure(
            1,
            run.Budget,
            () =>
            {
                // A rule changes, not only a comment: another doc text is another generated file.
                string edit = (++edits).ToString(CultureInfo.InvariantCulture);
                var changed = new Definition(current.Path, text.Replace("doc: allows reads", "doc: allows reads " + edit, StringComparison.Ordinal));
                driver = driver.ReplaceAdditionalText(current, changed).RunGenerators(Project);
                current = changed;
            },
            () => Create(files).RunGenerators(Project));
        Require(driver, "allows reads " + edits.ToString(CultureInfo.InvariantCulture));
        return [RatioRow.Measured(Goals[0], ns[0], ns[1], ("unit", "run"), ("definitions", $"{files.Length}"), ("edited", Edited))];
    }

    private static CSharpGeneratorDriver Create(IEnumerable<AdditionalText> files) => CSharpGeneratorDriver.Create(
        [new HwDefGenerator().AsSourceGenerator()], files, ParseOptions, new Options());

    /// <summary>What was timed must have made what it should.</summary>
    private static void Require(GeneratorDriver driver, string doc)
    {
        if (!driver.GetRunResult().GeneratedTrees.Any(t => t.ToString().Contains(doc, StringComparison.Ordinal)))
        {
            throw new InvalidOperationException($"No generated file says '{doc}'.");
        }
    }

    private sealed class Definition(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }

    private sealed class Options : AnalyzerConfigOptionsProvider
    {
        private readonly Values _values = new();

        public override AnalyzerConfigOptions GlobalOptions => _values;

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => _values;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => _values;

        private sealed class Values : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
            {
                value = key == "build_property.RootNamespace" ? "TdpHw.Formats" : null;
                return value is not null;
            }
        }
    }
}

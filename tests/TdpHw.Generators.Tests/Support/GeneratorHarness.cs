using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace TdpHw.Generators.Tests.Support;

/// <summary>
/// The generator in a compiler that stays open, as in an editor: definitions come, change and go, and every run is done twice,
/// because a second run on the same inputs must find everything cached.
/// </summary>
internal sealed class GeneratorHarness
{
    /// <summary>Generated code is for compilers that know no newer C#.</summary>
    public static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp13, DocumentationMode.Diagnose);

    private readonly CSharpCompilation _project = CSharpCompilation.Create(
        "Consumer", options: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

    private readonly Dictionary<string, AdditionalText> _files;
    private GeneratorDriver _driver;
    private GeneratorDriver _untracked;

    /// <summary>A project with definitions.</summary>
    /// <param name="files">The definitions.</param>
    /// <param name="rootNamespace">What its own code is in.</param>
    /// <param name="referenced">Those of <paramref name="files"/> that belong to a package that it refers to.</param>
    public GeneratorHarness(
        IEnumerable<AdditionalText> files, string rootNamespace = "TdpHw.Formats", params IReadOnlyList<AdditionalText> referenced)
    {
        _files = files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        var options = new ProjectOptions(rootNamespace, referenced.Contains);
        _driver = Create(isTracking: true);
        _untracked = Create(isTracking: false);
        Run();

        GeneratorDriver Create(bool isTracking) => CSharpGeneratorDriver.Create(
            [new HwDefGenerator().AsSourceGenerator()],
            _files.Values,
            ParseOptions,
            options,
            new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, isTracking));
    }

    /// <summary>What the last change led to.</summary>
    public GeneratorRunResult Result { get; private set; }

    /// <summary>
    /// The files that the last change made anew, even if with the same text, in ordinal order; the compiler takes the very text
    /// of all others from before.
    /// </summary>
    public IReadOnlyList<string> Emitted { get; private set; } = [];

    /// <summary>The generated files by name.</summary>
    public IReadOnlyDictionary<string, string> Sources => Result.GeneratedSources.ToDictionary(
        source => source.HintName, source => source.SourceText.ToString(), StringComparer.Ordinal);

    /// <summary>Which runs each stage had, and with which reason: <c>Bind: Unchanged 7, Modified 1</c>.</summary>
    public string Reasons(string stage) => stage + ": " + string.Join(", ", Outputs(stage)
        .GroupBy(output => output.Reason)
        .OrderBy(group => group.Key)
        .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} {group.Count()}")));

    /// <summary>The outputs of a stage in the last run.</summary>
    public IEnumerable<(object Value, IncrementalStepRunReason Reason)> Outputs(string stage) =>
        Result.TrackedSteps[stage].SelectMany(step => step.Outputs);

    public void Add(DefinitionText file)
    {
        _files.Add(file.Path, file);
        Change(driver => driver.AddAdditionalTexts([file]));
    }

    public void Remove(string name)
    {
        _files.Remove(DefinitionText.Folder + name, out AdditionalText? file);
        Change(driver => driver.RemoveAdditionalTexts([file!]), isRemoval: true);
    }

    public void Replace(DefinitionText file)
    {
        AdditionalText before = _files[file.Path];
        _files[file.Path] = file;
        Change(driver => driver.ReplaceAdditionalText(before, file));
    }

    private void Change(Func<GeneratorDriver, GeneratorDriver> change, bool isRemoval = false)
    {
        _driver = change(_driver);
        _untracked = change(_untracked);
        Run(isRemoval);
    }

    private void Run(bool isRemoval = false)
    {
        Dictionary<string, SourceText> before = Result.GeneratedSources.IsDefault
            ? []
            : Result.GeneratedSources.ToDictionary(source => source.HintName, source => source.SourceText, StringComparer.Ordinal);
        _driver = _driver.RunGenerators(_project);
        Result = _driver.GetRunResult().Results.Single();
        Assert.Null(Result.Exception);
        Emitted =
        [
            .. Result.GeneratedSources
                .Where(source => !ReferenceEquals(source.SourceText, before.GetValueOrDefault(source.HintName)))
                .Select(source => source.HintName)
                .Order(StringComparer.Ordinal),
        ];

        RunTwiceUntracked();
        if (isRemoval)
        {
            // With steps tracked, and only then, the compiler loses the last file in the second run after one was removed.
            return;
        }

        // A copy of the project, since the driver need not look at anything again for the very same object.
        GeneratorRunResult again = _driver.RunGenerators(_project.Clone()).GetRunResult().Results.Single();
        foreach ((string name, ImmutableArray<IncrementalGeneratorRunStep> steps) in again.TrackedSteps.Concat(again.TrackedOutputSteps))
        {
            foreach ((object _, IncrementalStepRunReason reason) in steps.SelectMany(step => step.Outputs))
            {
                Assert.True(
                    reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged,
                    $"{name} is {reason} in a second run on the same inputs.");
            }
        }
    }

    /// <summary>The compiler as it runs outside of tests: the same code, and the very same text when it runs again.</summary>
    private void RunTwiceUntracked()
    {
        _untracked = _untracked.RunGenerators(_project);
        ImmutableArray<GeneratedSourceResult> first = _untracked.GetRunResult().Results.Single().GeneratedSources;
        _untracked = _untracked.RunGenerators(_project.Clone());
        ImmutableArray<GeneratedSourceResult> second = _untracked.GetRunResult().Results.Single().GeneratedSources;
        Assert.Equal(Sources, first.ToDictionary(source => source.HintName, source => source.SourceText.ToString(), StringComparer.Ordinal));
        Assert.Equal(first.Select(source => source.HintName), second.Select(source => source.HintName));
        Assert.All(first.Zip(second), pair => Assert.Same(pair.First.SourceText, pair.Second.SourceText));
    }
}

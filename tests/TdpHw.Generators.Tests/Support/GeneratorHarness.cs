using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

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

    public GeneratorHarness(IEnumerable<AdditionalText> files, string rootNamespace = "TdpHw.Formats")
    {
        _files = files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        _driver = CSharpGeneratorDriver.Create(
            [new HwDefGenerator().AsSourceGenerator()],
            _files.Values,
            ParseOptions,
            new ProjectOptions(rootNamespace),
            new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        Run();
    }

    /// <summary>What the last change led to.</summary>
    public GeneratorRunResult Result { get; private set; }

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
        _driver = _driver.AddAdditionalTexts([file]);
        Run();
    }

    public void Remove(string name)
    {
        _files.Remove(DefinitionText.Folder + name, out AdditionalText? file);
        _driver = _driver.RemoveAdditionalTexts([file!]);
        Run();
    }

    public void Replace(DefinitionText file)
    {
        _driver = _driver.ReplaceAdditionalText(_files[file.Path], file);
        _files[file.Path] = file;
        Run();
    }

    private void Run()
    {
        _driver = _driver.RunGenerators(_project);
        Result = _driver.GetRunResult().Results.Single();
        Assert.Null(Result.Exception);

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
}

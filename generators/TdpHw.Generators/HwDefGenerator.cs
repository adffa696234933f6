using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using TdpHw.Generators.Binding;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Emit;
using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators;

/// <summary>
/// Turns <c>*.hwdef.yaml</c> files into code. Each file goes its own way from text to code, so that a change in one of them
/// re-emits that one; only the table of names joins them, and each that extends another is put on it.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class HwDefGenerator : IIncrementalGenerator
{
    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    private const string Extension = ".hwdef.yaml";

    private const string ReferencedKey = "build_metadata.AdditionalFiles.TdpHwReferenced";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<ParsedFile> parsed = context.AdditionalTextsProvider
            .Where(static file => file.Path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, _) => (File: pair.Left, IsReferenced: IsReferenced(pair.Right, pair.Left)))
            .Select(static (text, cancellation) => Guarded(
                text.File.Path,
                () => DefinitionParser.Parse(text.File.Path, text.File.GetText(cancellation)?.ToString() ?? ""),
                static d => new ParsedFile(d.Path, "", "", "", null, new[] { d }.ToEquatableArray()))
                with { IsReferenced = text.IsReferenced })
            .WithTrackingName(TrackingNames.Parse);

        IncrementalValueProvider<BaseTable> bases = parsed
            .Collect()
            .Select(static (files, _) => BaseTable.From(files))
            .WithTrackingName(TrackingNames.Bases);

        IncrementalValuesProvider<ParsedFile> layered = parsed
            .Combine(bases)
            .Select(static (pair, _) => Guarded(
                pair.Left.Path,
                () => DefinitionLayers.Apply(pair.Left, pair.Right),
                d => pair.Left with { Root = null, Diagnostics = new[] { d }.ToEquatableArray() }))
            .WithTrackingName(TrackingNames.Layers);

        IncrementalValueProvider<NameTable> names = layered
            .Select(static (file, _) => Guarded(file.Path, () => DefinitionBinder.Name(file), static d => NameEntry.Unknown(d.Path))
                with { IsReferenced = file.IsReferenced })
            .Collect()
            .Select(static (entries, _) => NameTable.From(entries))
            .WithTrackingName(TrackingNames.Names);

        IncrementalValuesProvider<BoundFile> bound = layered
            .Where(static file => !file.IsReferenced)
            .Combine(names)
            .Select(static (pair, _) => (File: pair.Left, Names: pair.Right.For(pair.Left)))
            .WithTrackingName(TrackingNames.Scope)
            .Select(static (known, _) => Guarded(
                known.File.Path,
                () => DefinitionBinder.Bind(known.File, known.Names),
                static d => new BoundFile(null, new[] { d }.ToEquatableArray())))
            .WithTrackingName(TrackingNames.Bind);

        IncrementalValuesProvider<DefinitionSpec> specs = bound
            .Where(static file => file.Spec is not null)
            .Select(static (file, _) => file.Spec!)
            .WithTrackingName(TrackingNames.Specs);

        IncrementalValuesProvider<EquatableArray<DiagnosticInfo>> diagnostics = bound
            .Select(static (file, _) => file.Diagnostics)
            .Where(static list => list.Count > 0)
            .WithTrackingName(TrackingNames.Diagnostics);

        IncrementalValueProvider<RegistrySpec> registry = specs
            .Where(static spec => spec is FormatSpec or OverlaySpec)
            .Select(static (spec, _) => new RegistryEntry(spec.Name, spec.Id, spec is OverlaySpec))
            .Collect()
            .Select(static (entries, _) => new RegistrySpec(
                entries.OrderBy(e => e.Id, StringComparer.Ordinal).ToEquatableArray()))
            .WithTrackingName(TrackingNames.Registry);

        IncrementalValueProvider<string> rootNamespace = context.AnalyzerConfigOptionsProvider
            .Select(static (options, _) =>
                options.GlobalOptions.TryGetValue("build_property.RootNamespace", out string? ns) && ns.Length > 0
                    ? ns
                    : FileHead.RuntimeNamespace);

        context.RegisterSourceOutput(diagnostics, static (output, list) =>
        {
            foreach (DiagnosticInfo diagnostic in list)
            {
                output.ReportDiagnostic(diagnostic.ToDiagnostic());
            }
        });
        context.RegisterSourceOutput(specs.Combine(rootNamespace), static (output, pair) =>
        {
            foreach (GeneratedFile file in DefinitionEmitter.Emit(pair.Left, pair.Right))
            {
                output.CancellationToken.ThrowIfCancellationRequested();
                Add(output, file);
            }
        });
        context.RegisterSourceOutput(registry.Combine(rootNamespace), static (output, pair) =>
        {
            if (pair.Left.Entries.Count > 0)
            {
                Add(output, RegistryEmitter.Emit(pair.Left, pair.Right));
            }
        });
    }

    /// <summary>Whether a project only refers to a definition, whose code is in an assembly that it refers to.</summary>
    private static bool IsReferenced(AnalyzerConfigOptionsProvider options, AdditionalText file) =>
        options.GetOptions(file).TryGetValue(ReferencedKey, out string? value)
        && value.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static void Add(SourceProductionContext output, GeneratedFile file) =>
        output.AddSource(file.Name, SourceText.From(file.Text, Utf8));

    /// <summary>An error of the generator's own is told at the file it failed on, instead of losing all generated code.</summary>
    private static T Guarded<T>(string path, Func<T> work, Func<DiagnosticInfo, T> failed)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return failed(new DiagnosticInfo(
                DiagnosticCatalog.InternalError.Id,
                path,
                default(SourceSpan),
                ImmutableArray.Create($"{exception.GetType().Name}: {exception.Message}").ToEquatableArray()));
        }
    }
}

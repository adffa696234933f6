using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TdpHw.Generators.Binding;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Emit;
using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;

namespace TdpHw.Generators.Tests.Support;

/// <summary>
/// Takes broken definitions through the stages without the compiler around them, which makes thousands of them possible and lets
/// an exception out.
/// </summary>
internal static class Mutants
{
    private static readonly IReadOnlyList<ParsedFile> Shipped =
        [.. Repository.Definitions.Select(file => DefinitionParser.Parse(file.Path, file.Text))];

    private static readonly BaseTable ShippedBases = BaseTable.From(Shipped);

    private static readonly IReadOnlyList<NameEntry> ShippedNames =
        [.. Shipped.Select(file => DefinitionBinder.Name(DefinitionLayers.Apply(file, ShippedBases)))];

    /// <summary>The code of all that ships, for a changed definition to build on.</summary>
    private static readonly Lazy<MetadataReference> ShippedCode = new(() => GeneratedProject.Reference(
        Shipped
            .Select(file => DefinitionBinder.Bind(DefinitionLayers.Apply(file, ShippedBases), NameTable.From(ShippedNames)).Spec!)
            .SelectMany(Emit)
            .ToDictionary(file => file.Key, file => file.Value, StringComparer.Ordinal)));

    /// <summary>Code that was compiled already.</summary>
    private static readonly ConcurrentDictionary<string, byte> Compiled = new(StringComparer.Ordinal);

    /// <summary>
    /// Null when <paramref name="text"/> in place of <paramref name="original"/> either becomes code that compiles or an error inside the file,
    /// and what is wrong otherwise.
    /// </summary>
    public static string? Judge(DefinitionText original, string text)
    {
        ParsedFile parsed = DefinitionParser.Parse(original.Path, text);
        ParsedFile[] files = [.. Shipped.Select(file => file.Path == original.Path ? parsed : file)];
        var bases = BaseTable.From(files);
        ParsedFile[] layered = [.. files.Select(file => DefinitionLayers.Apply(file, bases))];
        NameTable names = NameTable.From(ShippedNames.Select((name, i) =>
            layered[i].Path == original.Path || layered[i].Extends is not null ? DefinitionBinder.Name(layered[i]) : name));
        BoundFile changed = DefinitionBinder.Bind(layered.Single(file => file.Path == original.Path), names);
        BoundFile[] dependent =
        [
            .. layered
                .Where(file => file.Path != original.Path && IsOn(file, DefinitionOf(original)))
                .Select(file => DefinitionBinder.Bind(file, names)),
        ];
        if (changed.Spec is null && dependent.Append(changed).All(file => file.Diagnostics.Count == 0))
        {
            return "no code and no error";
        }

        int lines = text.Count(c => c == '\n') + 1;
        foreach (DiagnosticInfo error in changed.Diagnostics)
        {
            if (error.Id == DiagnosticCatalog.InternalError.Id)
            {
                return "an internal error";
            }

            if (error.Span.Line < 0 || error.Span.EndLine >= lines || error.Span.Start < 0 || error.Span.Start + error.Span.Length > text.Length)
            {
                return $"{error.Id} lies outside the file at {error.Span}";
            }
        }

        if (changed.Spec is null)
        {
            return null;
        }

        Dictionary<string, string> code = Emit(changed.Spec);
        foreach ((string name, string source) in code)
        {
            if (CSharpSyntaxTree.ParseText(source, GeneratorHarness.ParseOptions).GetDiagnostics().FirstOrDefault() is { } error)
            {
                return $"{name} does not parse: {error}";
            }
        }

        // Most changes are of words in comments.
        string statements = string.Join('\n', code.Values.SelectMany(source => source.Split('\n')).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
        return Compiled.TryAdd(statements, 0) && GeneratedProject.Errors(code, ShippedCode.Value) is [var first, ..]
            ? $"the code does not compile: {first}"
            : null;
    }

    private static Dictionary<string, string> Emit(DefinitionSpec spec) =>
        DefinitionEmitter.Emit(spec, "TdpHw.Formats").ToDictionary(file => file.Name, file => file.Text, StringComparer.Ordinal);

    private static bool IsOn(ParsedFile file, string name) => file.Root!.Text("base") == name || file.Extends?.Text == name;

    private static string DefinitionOf(DefinitionText file) => ShippedNames.First(name => name.File == file.Name).Name;
}

using Microsoft.CodeAnalysis.CSharp;
using TdpHw.Generators.Binding;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Emit;
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

    /// <summary>
    /// Null when <paramref name="text"/> in place of <paramref name="original"/> either becomes code or an error inside the file,
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

        foreach (GeneratedFile file in changed.Spec is null ? [] : DefinitionEmitter.Emit(changed.Spec, "TdpHw.Formats"))
        {
            if (CSharpSyntaxTree.ParseText(file.Text, GeneratorHarness.ParseOptions).GetDiagnostics().FirstOrDefault() is { } error)
            {
                return $"{file.Name} does not parse: {error}";
            }
        }

        return null;
    }

    private static bool IsOn(ParsedFile file, string name) => file.Root!.Text("base") == name || file.Extends?.Text == name;

    private static string DefinitionOf(DefinitionText file) => ShippedNames.First(name => name.File == file.Name).Name;
}

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

    private static readonly IReadOnlyList<NameEntry> ShippedNames = [.. Shipped.Select(DefinitionBinder.Name)];

    /// <summary>
    /// Null when <paramref name="text"/> in place of <paramref name="original"/> either becomes code or an error inside the file,
    /// and what is wrong otherwise.
    /// </summary>
    public static string? Judge(DefinitionText original, string text)
    {
        ParsedFile parsed = DefinitionParser.Parse(original.Path, text);
        NameTable names = NameTable.From(ShippedNames.Select((name, i) =>
            Shipped[i].Path == original.Path ? DefinitionBinder.Name(parsed) : name));
        BoundFile changed = DefinitionBinder.Bind(parsed, names);
        BoundFile[] dependent =
        [
            .. Shipped
                .Where(file => file.Path != original.Path && file.Root!.Text("base") == DefinitionOf(original))
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

    private static string DefinitionOf(DefinitionText file) => ShippedNames.First(name => name.File == file.Name).Name;
}

using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Emit;
using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>Binds a parsed file: by itself, to learn what it offers to others, and then with all names known.</summary>
internal static class DefinitionBinder
{
    /// <summary>What other files need to know of this one, which may be broken.</summary>
    public static NameEntry Name(ParsedFile file)
    {
        if (file.Root is null)
        {
            return NameEntry.Unknown(file.Path) with
            {
                Name = file.Name,
                Id = file.Id,
                Kind = file.Kind,
                Types = new[] { file.Name }.Where(n => n.Length > 0).ToEquatableArray(),
            };
        }

        // What it refers to is not known yet, so of the kinds that others build on only errors of form and value count.
        var diagnostics = new DiagnosticBag(file.Path);
        DefinitionSpec? spec = file.Kind is "page-table-format" or "register"
            ? BindKind(file.Kind, new DefinitionScope(file.Root, NameTable.Empty, diagnostics))
            : null;
        bool isUsable = diagnostics.ToEquatableArray().All(d => d.Id == DiagnosticCatalog.UnknownDefinition.Id);
        return new NameEntry(
            file.Name,
            file.Id,
            file.Kind,
            System.IO.Path.GetFileName(file.Path),
            isUsable ? spec : null,
            TypesOf(file.Kind, file.Root).Select(t => t.Type).ToEquatableArray());
    }

    /// <summary>The definition with all that it refers to, and all that is wrong with it.</summary>
    public static BoundFile Bind(ParsedFile file, NameTable names)
    {
        if (file.Root is null)
        {
            return new BoundFile(null, file.Diagnostics);
        }

        var diagnostics = new DiagnosticBag(file.Path);
        var scope = new DefinitionScope(file.Root, names, diagnostics);
        CheckNames(file, scope);
        DefinitionSpec? spec = BindKind(file.Kind, scope);
        return new BoundFile(diagnostics.IsEmpty ? spec : null, diagnostics.ToEquatableArray());
    }

    private static DefinitionSpec? BindKind(string kind, DefinitionScope scope) => kind switch
    {
        "page-table-format" => FormatBinder.Bind(scope),
        "overlay" => OverlayBinder.Bind(scope),
        "register" => RegisterBinder.Bind(scope),
        _ => StructBinder.Bind(scope),
    };

    private static void CheckNames(ParsedFile file, DefinitionScope scope)
    {
        string self = System.IO.Path.GetFileName(file.Path);
        foreach ((ScalarNode at, string label, string type) in TypesOf(file.Kind, file.Root!))
        {
            // A compiler takes generated files by name, and tells names apart by more than their case.
            string[] same =
            [
                .. scope.Names.Own.SelectMany(e => e.Types
                    .Where(t => string.Equals(t, type, StringComparison.OrdinalIgnoreCase))
                    .Select(_ => e.File)),
            ];
            if (same.Length > 1)
            {
                Report(scope, at, label, type, same, self);
            }
            else if (string.Equals(type, RegistryEmitter.TypeName, StringComparison.OrdinalIgnoreCase))
            {
                Report(scope, at, label, type, ["every project, as the list of its formats"], self);
            }
        }

        NameEntry[] sameId = [.. scope.Names.Own.Where(e => e.Id == scope.Id && e.Kind == file.Kind)];
        if (sameId.Length > 1)
        {
            Report(scope, scope.Root.Scalar("id")!, "Id", scope.Id, [.. sameId.Select(e => e.File)], self);
        }
    }

    /// <summary>The types that files are generated for, and what in the definition names them.</summary>
    private static IEnumerable<(ScalarNode At, string Label, string Type)> TypesOf(string kind, MapNode root)
    {
        ScalarNode name = root.Scalar("name")!;
        yield return (name, "Name", name.Text);
        foreach (MapEntry entry in root.Map("enums")?.Entries ?? default)
        {
            yield return (entry.Key, "Enumeration", entry.Key.Text);
        }

        if (kind == "overlay")
        {
            yield return (name, "Interface", "I" + name.Text);

            // A variant that is declared twice is another error.
            foreach (ScalarNode id in root.Maps("variants").Select(v => v.Scalar("id")!).GroupBy(id => id.Text).Select(g => g.First()))
            {
                yield return (id, "Variant", name.Text + PascalCase.From(id.Text));
            }
        }
    }

    private static void Report(DefinitionScope scope, ScalarNode at, string label, string value, string[] files, string self) =>
        scope.Diagnostics.Add(
            DiagnosticCatalog.NameDefinedTwice,
            at,
            label,
            value,
            files.FirstOrDefault(f => f != self) ?? "this file or another one of its name");
}

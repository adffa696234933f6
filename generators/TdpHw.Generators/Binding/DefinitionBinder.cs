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
        DefinitionSpec? spec = file.Kind is "page-table-format" or "register" && !LacksBase(file)
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

        if (file.Bases.Any(b => names.Entries.Any(e => e.File == b && e.Kind == file.Kind && e.Spec is null)))
        {
            // What is wrong with a base is told there, and not once more for each definition that extends it.
            return new BoundFile(null, default);
        }

        var diagnostics = new DiagnosticBag(file.Path);
        var scope = new DefinitionScope(file.Root, names, diagnostics);
        CheckNames(file, scope);
        DefinitionSpec? spec = LacksBase(file) ? MissBase(file, scope) : BindKind(file.Kind, scope);
        return new BoundFile(diagnostics.IsEmpty ? spec : null, diagnostics.ToEquatableArray());
    }

    private static bool LacksBase(ParsedFile file) => file.Extends is not null && file.Bases.Count == 0;

    /// <summary>Tells why there is nothing to build on. That a base is broken is told at the base.</summary>
    private static FormatSpec? MissBase(ParsedFile file, DefinitionScope scope)
    {
        ScalarNode extends = file.Extends!;
        if (file.Cycle.Count > 0)
        {
            scope.Diagnostics.Add(DiagnosticCatalog.ExtendsItself, extends, file.Name, string.Join(", which extends ", file.Cycle.Skip(1)));
        }
        else
        {
            scope.Refer<FormatSpec>(extends, file.Kind, extends.Text);
        }

        return null;
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
            // The type of a base's enumeration is the base's.
            if (entry.Key.Span.Inherited is null)
            {
                yield return (entry.Key, "Enumeration", entry.Key.Text);
            }
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

using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>Binds a parsed file: by itself, to learn what it offers to others, and then with all names known.</summary>
internal static class DefinitionBinder
{
    /// <summary>What other files need to know of this one; null when it is too broken to have a name.</summary>
    public static NameEntry? Name(ParsedFile file)
    {
        if (file.Root?.Scalar("name") is not ScalarNode name)
        {
            return null;
        }

        // What it refers to is not known yet, so of the kinds that others build on only errors of form and value count.
        var diagnostics = new DiagnosticBag(file.Path);
        DefinitionSpec? spec = file.Kind is "page-table-format" or "register"
            ? BindKind(file.Kind, new DefinitionScope(file.Root, NameTable.Empty, diagnostics))
            : null;
        bool isUsable = diagnostics.ToEquatableArray().All(d => d.Id == DiagnosticCatalog.UnknownDefinition.Id);
        return new NameEntry(
            name.Text, file.Root.Text("id"), file.Kind, System.IO.Path.GetFileName(file.Path), isUsable ? spec : null);
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
        DefinitionSpec spec = BindKind(file.Kind, scope);
        return new BoundFile(diagnostics.IsEmpty ? spec : null, diagnostics.ToEquatableArray());
    }

    private static DefinitionSpec BindKind(string kind, DefinitionScope scope) => kind switch
    {
        "page-table-format" => FormatBinder.Bind(scope),
        "overlay" => OverlayBinder.Bind(scope),
        "register" => RegisterBinder.Bind(scope),
        _ => StructBinder.Bind(scope),
    };

    private static void CheckNames(ParsedFile file, DefinitionScope scope)
    {
        string self = System.IO.Path.GetFileName(file.Path);
        NameEntry[] sameName = [.. scope.Names.Entries.Where(e => e.Name == scope.Name)];
        if (sameName.Length > 1)
        {
            Report(scope, "name", "Name", scope.Name, sameName, self);
        }

        NameEntry[] sameId = [.. scope.Names.Entries.Where(e => e.Id == scope.Id && e.Kind == file.Kind)];
        if (sameId.Length > 1)
        {
            Report(scope, "id", "Id", scope.Id, sameId, self);
        }
    }

    private static void Report(DefinitionScope scope, string key, string label, string value, NameEntry[] same, string self) =>
        scope.Diagnostics.Add(
            DiagnosticCatalog.NameDefinedTwice,
            scope.Root.Scalar(key)!,
            label,
            value,
            same.Select(e => e.File).FirstOrDefault(f => f != self) ?? "another file of that name");
}

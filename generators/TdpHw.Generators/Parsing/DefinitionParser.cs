using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Parsing;

/// <summary>Reads a definition file: its form only, no meaning yet.</summary>
internal static class DefinitionParser
{
    public static ParsedFile Parse(string path, string text)
    {
        var diagnostics = new DiagnosticBag(path);
        MapNode? root = null;
        string kind = "";
        Node? tree = new YamlTreeReader(diagnostics).Read(text);
        if (tree is MapNode map)
        {
            kind = KindOf(map, diagnostics);
            if (kind.Length > 0)
            {
                root = new ShapeChecker(diagnostics).Check(map, DefinitionShapes.ByKind[kind]);
            }
        }
        else if (tree is ScalarNode { Text: "" })
        {
            diagnostics.Add(DiagnosticCatalog.NoDefinition, tree);
        }
        else if (tree is not null)
        {
            diagnostics.Add(DiagnosticCatalog.WrongShape, tree, "A definition", "a map of keys", "a list or a word");
        }

        // A file that is wrong in form is not bound: what is missing would only be reported again in other words.
        var head = tree as MapNode;
        return new ParsedFile(
            path,
            kind,
            head?.Text("name") ?? "",
            head?.Text("id") ?? "",
            diagnostics.IsEmpty ? root : null,
            diagnostics.ToEquatableArray());
    }

    private static string KindOf(MapNode map, DiagnosticBag diagnostics)
    {
        if (map.Scalar("hwdef") is { Text: not "1" } version)
        {
            diagnostics.Add(DiagnosticCatalog.UnknownVersion, version, version.Text);
            return "";
        }

        IEnumerable<string> kinds = DefinitionShapes.ByKind.Keys;
        if (map.Scalar("kind") is not ScalarNode kind)
        {
            Node at = map.Entries.Count > 0 ? map.Entries[0].Key : map;
            diagnostics.Add(DiagnosticCatalog.MissingKey, at, "A definition", "the key 'kind'");
            return "";
        }

        if (!kinds.Contains(kind.Text))
        {
            diagnostics.Add(
                DiagnosticCatalog.UnknownWord, kind, "kind", string.Join(" or ", kinds.Select(k => $"'{k}'")), kind.Text);
            return "";
        }

        return kind.Text;
    }
}

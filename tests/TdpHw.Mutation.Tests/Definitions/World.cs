using System.Collections.Concurrent;
using TdpHw.Generators.Binding;
using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Syntax;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Definitions;

/// <summary>
/// All definitions of the repository, bound, at most one of them mutated. What a truth asks of it is bound on demand:
/// most mutants die before their neighbours matter.
/// </summary>
internal sealed class World
{
    private readonly Dictionary<string, ParsedFile> _files;
    private readonly Lazy<NameTable> _names;
    private readonly ConcurrentDictionary<string, DefinitionSpec> _bound = [];
    private readonly ConcurrentDictionary<string, SpecFormat> _formats = [];

    private World(Dictionary<string, ParsedFile> files, Lazy<NameTable> names)
    {
        _files = files;
        _names = names;
    }

    /// <summary>The definitions as they are.</summary>
    public static World Real { get; } = Load();

    /// <summary>The names of all definitions.</summary>
    public IEnumerable<string> Names => _files.Keys.Order(StringComparer.Ordinal);

    /// <summary>The tree of a definition.</summary>
    public MapNode Root(string name) => _files[name].Root!;

    /// <summary>The format with an id.</summary>
    public SpecFormat Format(string id) => _formats.GetOrAdd(id, wanted =>
    {
        ParsedFile file = _files.Values.Single(f => f.Kind == "page-table-format" && f.Root!.Text("id") == wanted);
        return new SpecFormat((FormatSpec)Bound(file.Root!.Text("name")));
    });

    /// <summary>The overlay of that name.</summary>
    public OverlaySpec Overlay(string name) => (OverlaySpec)Bound(name);

    /// <summary>The register of that name.</summary>
    public SpecRegister Register(string name) => new((RegisterSpec)Bound(name));

    /// <summary>Any definition, bound.</summary>
    public DefinitionSpec Bound(string name) =>

        // A mutant that a neighbour does not bind with is judged by truth all the same, with the neighbour as it was.
        _bound.GetOrAdd(name, wanted => DefinitionBinder.Bind(_files[wanted], _names.Value).Spec ?? Real.Bound(wanted));

    /// <summary>
    /// The world with one definition replaced; null when it does not bind any more or means the same as before.
    /// </summary>
    public static World? With(string name, MapNode root)
    {
        World real = Real;
        ParsedFile file = real._files[name] with { Root = root };
        DefinitionSpec? spec = DefinitionBinder.Bind(file, real._names.Value).Spec;
        if (spec is null || spec.Equals(real.Bound(name)))
        {
            return null;
        }

        var files = real._files.ToDictionary(f => f.Key, f => f.Key == name ? file : f.Value);
        var world = new World(files, new Lazy<NameTable>(() => NamesOf(files, real._names.Value, name)));
        world._bound[name] = spec;
        foreach (string other in files.Keys.Where(other => other != name && !DependsOn(files[other], name)))
        {
            world._bound[other] = real.Bound(other);
        }

        return world;
    }

    private static bool DependsOn(ParsedFile file, string name) =>
        file.Root!.Text("base") == name
        || file.Root.Maps("capabilities").Any(c => c.Text("from").StartsWith(name + ".", StringComparison.Ordinal));

    private static World Load()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "hwdefs");
        var files = Directory.EnumerateFiles(folder, "*.hwdef.yaml", SearchOption.AllDirectories)
            .Select(path => DefinitionParser.Parse(Path.GetFileName(path), File.ReadAllText(path)))
            .ToDictionary(file => file.Root!.Text("name"));
        var world = new World(files, new Lazy<NameTable>(NameTable.From(files.Values.Select(f => DefinitionBinder.Name(f)!))));
        foreach (string name in files.Keys)
        {
            world._bound[name] = DefinitionBinder.Bind(files[name], world._names.Value).Spec
                ?? throw new InvalidDataException($"{name} does not bind.");
        }

        return world;
    }

    private static NameTable NamesOf(Dictionary<string, ParsedFile> files, NameTable real, string mutated) =>
        NameTable.From(real.Entries.Select(e => e.Name == mutated ? DefinitionBinder.Name(files[mutated])! : e));
}

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

    /// <summary>The tree of a definition, its own lines alone.</summary>
    public MapNode Root(string name) => _files[name].Root!;

    /// <summary>The tree of a definition with what it extends.</summary>
    public MapNode Whole(string name) => DefinitionLayers.Apply(_files[name], BaseTable.From(_files.Values)).Root!;

    /// <summary>A definition and those that extend it, which its lines are lines of too.</summary>
    public IReadOnlyList<string> Family(string name)
    {
        List<string> family = [name];
        for (int i = 0; i < family.Count; i++)
        {
            family.AddRange(_files.Values.Where(f => f.Extends?.Text == family[i]).Select(f => f.Name));
        }

        return family;
    }

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
        _bound.GetOrAdd(name, wanted => Bind(_files, wanted, _names.Value) ?? Real.Bound(wanted));

    /// <summary>
    /// The world with one definition replaced; null when it or one that extends it does not bind any more, or when all of them
    /// mean the same as before.
    /// </summary>
    public static World? With(string name, MapNode root)
    {
        World real = Real;
        ParsedFile file = real._files[name] with { Root = root };
        var files = real._files.ToDictionary(f => f.Key, f => f.Key == name ? file : f.Value);
        IReadOnlyList<string> family = real.Family(name);
        var specs = new Dictionary<string, DefinitionSpec>();
        foreach (string member in family)
        {
            if (Bind(files, member, real._names.Value) is not { } spec)
            {
                return null;
            }

            specs.Add(member, spec);
        }

        if (specs.All(s => s.Value.Equals(real.Bound(s.Key))))
        {
            return null;
        }

        var world = new World(files, new Lazy<NameTable>(() => NamesOf(files, real._names.Value, family)));
        foreach ((string member, DefinitionSpec spec) in specs)
        {
            world._bound[member] = spec;
        }

        foreach (string other in files.Keys.Where(other => !family.Contains(other) && !family.Any(member => DependsOn(files[other], member))))
        {
            world._bound[other] = real.Bound(other);
        }

        return world;
    }

    private static DefinitionSpec? Bind(Dictionary<string, ParsedFile> files, string name, NameTable names) =>
        DefinitionBinder.Bind(Layered(files, name), names).Spec;

    private static ParsedFile Layered(Dictionary<string, ParsedFile> files, string name) =>
        files[name].Extends is null ? files[name] : DefinitionLayers.Apply(files[name], BaseTable.From(files.Values));

    private static bool DependsOn(ParsedFile file, string name) =>
        file.Root!.Text("base") == name
        || file.Root.Maps("capabilities").Any(c => c.Text("from").StartsWith(name + ".", StringComparison.Ordinal));

    private static World Load()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "hwdefs");
        var files = Directory.EnumerateFiles(folder, "*.hwdef.yaml", SearchOption.AllDirectories)
            .Select(path => DefinitionParser.Parse(Path.GetFileName(path), File.ReadAllText(path)))
            .ToDictionary(file => file.Root!.Text("name"));
        var world = new World(files, new Lazy<NameTable>(NameTable.From(files.Keys.Select(name => DefinitionBinder.Name(Layered(files, name))))));
        foreach (string name in files.Keys)
        {
            world._bound[name] = Bind(files, name, world._names.Value)
                ?? throw new InvalidDataException($"{name} does not bind.");
        }

        return world;
    }

    private static NameTable NamesOf(Dictionary<string, ParsedFile> files, NameTable real, IReadOnlyList<string> mutated) =>
        NameTable.From(real.Entries.Select(e => mutated.Contains(e.Name) ? DefinitionBinder.Name(Layered(files, e.Name)) : e));
}

using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;

namespace TdpHw.Generators.Binding;

/// <summary>All definitions of a project by name, in ordinal order of their files; referenced packages' behind its own.</summary>
internal sealed record NameTable(EquatableArray<NameEntry> Entries)
{
    public static readonly NameTable Empty = new(default(EquatableArray<NameEntry>));

    /// <summary>Those that code is generated for.</summary>
    public IEnumerable<NameEntry> Own => Entries.Where(e => !e.IsReferenced);

    public static NameTable From(IEnumerable<NameEntry> entries) =>
        new(entries
            .OrderBy(e => e.IsReferenced)
            .ThenBy(e => e.File, StringComparer.Ordinal)
            .ThenBy(e => e.Name, StringComparer.Ordinal)
            .ToEquatableArray());

    /// <summary>
    /// What <paramref name="file"/> needs to know of the others: all names, and what the definitions say that it mentions or is put
    /// on. So an edit of a definition is news to those that build on it, and to no other.
    /// </summary>
    public NameTable For(ParsedFile file)
    {
        HashSet<string> mentioned = file.Root?.Mentions() ?? [];
        return new(Entries
            .Select(e => e.Spec is null || mentioned.Contains(e.Name) || file.Bases.Contains(e.File) ? e : e with { Spec = null })
            .ToEquatableArray());
    }

    /// <summary>The definition of a kind called <paramref name="name"/>, or null.</summary>
    public TSpec? Find<TSpec>(string name)
        where TSpec : DefinitionSpec =>
        Entries.Where(e => e.Name == name).Select(e => e.Spec).OfType<TSpec>().FirstOrDefault();

    /// <summary>
    /// Whether there may be a definition of a kind called <paramref name="name"/>, with or without errors. A file that can't be
    /// read may hold any: its own error is enough, those who refer to it need none.
    /// </summary>
    public bool MayHave(string kind, string name) =>
        Entries.Any(e => (e.Kind == kind || e.Kind.Length == 0) && (e.Name == name || e.Name.Length == 0));

    /// <summary>The names of all definitions of a kind.</summary>
    public IEnumerable<string> NamesOf(string kind) => Entries.Where(e => e.Kind == kind).Select(e => e.Name);
}

using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;

namespace TdpHw.Generators.Binding;

/// <summary>
/// The files that others extend, and no more: an edit of any other file must not make those that extend something new.
/// A project's own come before those of packages that it refers to.
/// </summary>
internal sealed record BaseTable(EquatableArray<ParsedFile> Files)
{
    public static BaseTable From(IEnumerable<ParsedFile> files)
    {
        ParsedFile[] all = [.. files];
        var wanted = new HashSet<string>(all.Select(f => f.Extends?.Text).OfType<string>(), StringComparer.Ordinal);
        return new BaseTable(all
            .Where(f => wanted.Contains(f.Name))
            .OrderBy(f => f.IsReferenced)
            .ThenBy(f => f.FileName, StringComparer.Ordinal)
            .ToEquatableArray());
    }

    /// <summary>
    /// What a file extends; null when there is no such format. No definition is its own base, and none of a package's has one of
    /// the project's.
    /// </summary>
    public ParsedFile? BaseOf(ParsedFile file) => file.Extends is { } extends
        ? Files.FirstOrDefault(f =>
            f.Name == extends.Text && f.Kind == file.Kind && f.Path != file.Path && (f.IsReferenced || !file.IsReferenced))
        : null;
}

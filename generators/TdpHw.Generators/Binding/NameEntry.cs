using TdpHw.Generators.Model;

namespace TdpHw.Generators.Binding;

/// <summary>What other files need to know of a definition.</summary>
/// <param name="Name">Its name; empty when the file is too broken to tell.</param>
/// <param name="Kind">Its kind, as the file says it; empty when the file is too broken to tell.</param>
/// <param name="File">The file's name without its folder, to tell which of two definitions is meant.</param>
/// <param name="Spec">
/// The definition bound by itself, without what it refers to; null when it has errors of its own.
/// </param>
/// <param name="Types">The C# types that files are generated for.</param>
internal sealed record NameEntry(
    string Name, string Id, string Kind, string File, DefinitionSpec? Spec, EquatableArray<string> Types)
{
    /// <summary>Whether it is a referenced package's: a project's own definition of that name comes first.</summary>
    public bool IsReferenced { get; init; }

    /// <summary>A file of which nothing is known.</summary>
    public static NameEntry Unknown(string path) => new("", "", "", System.IO.Path.GetFileName(path), null, default);
}

using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Parsing;

/// <summary>A definition file after parsing: its tree, when there is one to go on with, and what is wrong with it.</summary>
/// <param name="Path">Where the file is, for diagnostics only.</param>
/// <param name="Kind">Which kind of definition it is; empty when that can't be read.</param>
/// <param name="Name">Its name, even of a file that is otherwise broken; empty when that can't be read.</param>
/// <param name="Id">Its id, likewise.</param>
/// <param name="Root">The tree; null when the file is too broken to be bound.</param>
/// <param name="Diagnostics">What is wrong with its form.</param>
internal sealed record ParsedFile(
    string Path, string Kind, string Name, string Id, MapNode? Root, EquatableArray<DiagnosticInfo> Diagnostics)
{
    /// <summary>
    /// Whether it belongs to a package that the project refers to: others may build on it, and nothing is generated for it again.
    /// </summary>
    public bool IsReferenced { get; init; }

    /// <summary>
    /// The files that its tree was put on, the nearest base first. A definition that extends another is no more than its own
    /// lines while there are none.
    /// </summary>
    public EquatableArray<string> Bases { get; init; }

    /// <summary>The names along which it extends itself, from its own to its own; none when it does not.</summary>
    public EquatableArray<string> Cycle { get; init; }

    /// <summary>The file without its folder.</summary>
    public string FileName => System.IO.Path.GetFileName(Path);

    /// <summary>What it extends; null when it stands by itself.</summary>
    public ScalarNode? Extends => Root?.Scalar(DefinitionShapes.Extends);
}

using TdpHw.Generators.Model;

namespace TdpHw.Generators.Binding;

/// <summary>What other files need to know of a definition.</summary>
/// <param name="Kind">Its kind, as the file says it.</param>
/// <param name="File">The file's name without its folder, to tell which of two definitions is meant.</param>
/// <param name="Spec">
/// The definition bound by itself, without what it refers to; null when it has errors of its own.
/// </param>
internal sealed record NameEntry(string Name, string Id, string Kind, string File, DefinitionSpec? Spec);

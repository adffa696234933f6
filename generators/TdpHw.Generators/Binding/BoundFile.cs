using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;

namespace TdpHw.Generators.Binding;

/// <summary>A definition file after binding.</summary>
/// <param name="Spec">What to emit; null when anything is wrong with the file.</param>
/// <param name="Diagnostics">All that is wrong with it, form included.</param>
internal sealed record BoundFile(DefinitionSpec? Spec, EquatableArray<DiagnosticInfo> Diagnostics);

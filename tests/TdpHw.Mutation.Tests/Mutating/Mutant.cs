using TdpHw.Generators.Syntax;

namespace TdpHw.Mutation.Tests.Mutating;

/// <summary>A definition with one thing changed.</summary>
/// <param name="Id">What was changed; the same from run to run and wherever the line moves to.</param>
/// <param name="Definition">The definition's name.</param>
/// <param name="Root">The changed tree.</param>
internal sealed record Mutant(string Id, string Definition, MapNode Root);

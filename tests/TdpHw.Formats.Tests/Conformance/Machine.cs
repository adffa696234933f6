using TdpHw.Formats.Tests.Generated;
using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>A format under one setting of capabilities, twice: generated and interpreted.</summary>
/// <param name="Name">The format and the setting, for messages.</param>
/// <param name="Generated">What is tested.</param>
/// <param name="Interpreted">What it is held against.</param>
internal sealed record Machine(string Name, GeneratedRules Generated, InterpretedRules Interpreted)
{
    /// <summary>Every level of the format.</summary>
    public IEnumerable<int> Levels => Enumerable.Range(1, Generated.MaxLevel);

    /// <summary>The deepest walk.</summary>
    public WalkShape Deepest => Generated.Walks.MaxBy(walk => walk.Levels);

    public override string ToString() => Name;
}

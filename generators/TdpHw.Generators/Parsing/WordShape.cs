namespace TdpHw.Generators.Parsing;

/// <summary>One of some words.</summary>
internal sealed record WordShape(IReadOnlyList<string> Choices) : ValueShape
{
    public override string Label => string.Join(" or ", Choices);
}

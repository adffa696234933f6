namespace TdpHw.Generators.Parsing;

/// <summary>A scalar whose content is judged later, when it is clear what it means.</summary>
internal sealed record TextShape(string Noun) : ValueShape
{
    public override string Label => Noun;
}

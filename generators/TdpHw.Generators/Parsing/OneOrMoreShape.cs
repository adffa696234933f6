namespace TdpHw.Generators.Parsing;

/// <summary>A scalar, or a list of such scalars.</summary>
internal sealed record OneOrMoreShape(ValueShape Item) : ValueShape
{
    public override string Label => Item.Label + ", or a list of them";
}

namespace TdpHw.Generators.Parsing;

/// <summary>A list.</summary>
internal sealed record ListShape(ValueShape Item) : ValueShape
{
    public override string Label => "a list of " + (Item is MapShape map ? map.Plural : Item.Label);
}

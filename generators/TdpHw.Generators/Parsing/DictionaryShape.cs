namespace TdpHw.Generators.Parsing;

/// <summary>A map whose keys are the definition's own names.</summary>
internal sealed record DictionaryShape(ValueShape Value) : ValueShape
{
    public override string Label => "a map from names to " + (Value is ListShape ? "lists" : Value.Label);
}

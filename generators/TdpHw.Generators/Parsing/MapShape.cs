namespace TdpHw.Generators.Parsing;

/// <summary>A map with fixed keys.</summary>
/// <param name="Noun">How messages call it, with its article.</param>
/// <param name="Plural">How messages call several of them.</param>
/// <param name="Keys">The keys it may have.</param>
internal sealed record MapShape(string Noun, string Plural, IReadOnlyList<KeyShape> Keys) : ValueShape
{
    public override string Label => Noun;

    public KeyShape? this[string name] => Keys.FirstOrDefault(k => k.Name == name);
}

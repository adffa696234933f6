using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A field of an entry.</summary>
/// <param name="Name">Its long name.</param>
/// <param name="Symbol">The short name that conditions use.</param>
/// <param name="Bits">Its bits, the highest of the value first.</param>
/// <param name="Role">What the walk or a reader uses it for, if anything.</param>
/// <param name="Narrowing">Where it is a field.</param>
/// <param name="Else">What its bits are where its capabilities are missing; null when another row says so.</param>
internal sealed record FieldRow(
    string Name, string Symbol, IReadOnlyList<int> Bits, string? Role, Narrowing Narrowing, BitMeaning? Else)
{
    public static FieldRow Read(YamlNode node)
    {
        var map = new YamlMap(
            node, "name", "sym", "bits", "levels", "for", "needs", "unless", "else", "enum", "role", "doc", "cite");
        return new(
            map.Text("name"),
            map.Text("sym"),
            [.. YamlNumbers.Bits(map.Node("bits"))],
            map.TextOrNull("role"),
            Narrowing.Read(map),
            map.Has("else") ? BitMeanings.Parse(map.Text("else")) : null);
    }

    /// <summary>The value: the field's bits of <paramref name="raw"/>, pushed together.</summary>
    public ulong ValueIn(ulong raw)
    {
        ulong value = 0;
        foreach (int bit in Bits)
        {
            value = (value << 1) | ((raw >> bit) & 1);
        }

        return value;
    }
}

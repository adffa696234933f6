using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A field of an entry.</summary>
/// <param name="Name">Its long name.</param>
/// <param name="Symbol">The short name that conditions use.</param>
/// <param name="Bits">Its bits, the highest of the value first; none when a capability says where it is.</param>
/// <param name="Position">That capability.</param>
/// <param name="At">Where its bits stand in the address, for the high bits of one; otherwise null.</param>
/// <param name="Role">What the walk or a reader uses it for, if anything.</param>
/// <param name="Narrowing">Where it is a field.</param>
/// <param name="Layer">How many layers of the definition lie above.</param>
/// <param name="Else">What its bits are where its capabilities are missing; null when another row says so.</param>
internal sealed record FieldRow(
    string Name,
    string Symbol,
    IReadOnlyList<int> Bits,
    string? Position,
    IReadOnlyList<int>? At,
    string? Role,
    Narrowing Narrowing,
    int Layer,
    BitMeaning? Else)
{
    public static FieldRow Read(YamlNode node, int layer = 0)
    {
        var map = new YamlMap(
            node, "name", "sym", "bits", "levels", "for", "needs", "unless", "else", "enum", "role", "at", "doc", "cite");
        string? position = map.Node("bits") is YamlScalarNode { Value: { } text } && char.IsAsciiLetter(text[0]) ? text : null;
        return new(
            map.Text("name"),
            map.Text("sym"),
            position is null ? [.. YamlNumbers.Bits(map.Node("bits"))] : [],
            position,
            map.Has("at") ? [.. YamlNumbers.Bits(map.Node("at"))] : null,
            map.TextOrNull("role"),
            Narrowing.Read(map),
            layer,
            map.Has("else") ? BitMeanings.Parse(map.Text("else")) : null);
    }

    /// <summary>A second name for bits, which conditions use.</summary>
    public static FieldRow ReadView(YamlNode node)
    {
        var map = new YamlMap(node, "sym", "bits", "doc", "cite");
        var everywhere = new Narrowing(null, EntryLayout.None, [], []);
        return new("", map.Text("sym"), [.. YamlNumbers.Bits(map.Node("bits"))], null, null, null, everywhere, 0, null);
    }

    /// <summary>The field on a machine; null where its position is unknown because the machine has none.</summary>
    public FieldRow? On(Capabilities capabilities) => Position is null ? this
        : capabilities[Position] is { } bit ? this with { Bits = [(int)bit] }
        : null;

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

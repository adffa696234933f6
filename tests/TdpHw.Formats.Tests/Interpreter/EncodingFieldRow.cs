using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A field of a special encoding.</summary>
internal sealed record EncodingFieldRow(
    string Name, IReadOnlyList<int> Bits, Variants Variants, Displacement? Displacement)
{
    public static EncodingFieldRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "name", "bits", "variants", "displace", "doc", "cite");
        return new(
            map.Text("name"),
            [.. YamlNumbers.Bits(map.Node("bits"))],
            Variants.Read(map),
            map.Has("displace") ? Displacement.Read(map.Node("displace")) : null);
    }

    /// <summary>The value: the field's bits pushed together, after moved ones are put back.</summary>
    public ulong ValueIn(ulong raw, Capabilities capabilities)
    {
        ulong straight = Displacement?.Undo(raw, capabilities) ?? raw;
        ulong value = 0;
        foreach (int bit in Bits)
        {
            value = (value << 1) | ((straight >> bit) & 1);
        }

        return value;
    }
}

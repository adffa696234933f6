using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A variant of an overlay, and the bits that it leaves zero.</summary>
internal sealed record VariantRow(string Id, IReadOnlyList<int> Zero)
{
    public static VariantRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "id", "zero", "shared-with", "doc", "cite");
        return new(map.Text("id"), map.Has("zero") ? [.. YamlNumbers.Bits(map.Node("zero"))] : []);
    }
}

using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>Bits of an entry that software uses for itself.</summary>
internal sealed record OverlayFieldRow(FieldRow Field, Variants Variants)
{
    public static OverlayFieldRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "name", "sym", "bits", "variants", "levels", "for", "enum", "doc", "cite");
        var field = new FieldRow(
            map.Text("name"), map.Text("sym"), [.. YamlNumbers.Bits(map.Node("bits"))], null, null, null, Narrowing.Read(map), 0, null);
        return new(field, Variants.Read(map));
    }
}

using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>Entries that mean something to software though the hardware refuses them.</summary>
/// <param name="Name">What they mean.</param>
/// <param name="Variants">Which variants use them.</param>
/// <param name="Condition">How they are told, when not by their values.</param>
/// <param name="Values">The whole entries; the first is the one that software writes.</param>
/// <param name="Fields">What they hold.</param>
internal sealed record EncodingRow(
    string Name,
    Variants Variants,
    Condition? Condition,
    IReadOnlyList<ulong> Values,
    IReadOnlyList<EncodingFieldRow> Fields)
{
    public static EncodingRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "name", "variants", "when", "any", "values", "unless", "within", "fields", "doc", "cite");
        if (map.Has("when") == map.Has("values"))
        {
            throw new InvalidDataException($"The encoding '{map.Text("name")}' needs either a condition or values.");
        }

        return new(
            map.Text("name"),
            Variants.Read(map),
            map.Has("when") ? Condition.Read(map) : null,
            map.Has("values") ? [.. YamlNumbers.Values(map.Node("values"))] : [],
            [.. map.Rows("fields").Select(EncodingFieldRow.Read)]);
    }
}

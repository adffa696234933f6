using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>Bits that are no field: a row of <c>reserved</c>, <c>res0</c> or <c>ignored</c>.</summary>
/// <param name="Bits">The bits.</param>
/// <param name="Meaning">What they are.</param>
/// <param name="Narrowing">Where.</param>
/// <param name="Layer">How many layers of the definition lie above.</param>
internal sealed record BitRow(IReadOnlyList<int> Bits, BitMeaning Meaning, Narrowing Narrowing, int Layer)
{
    public static BitRow Read(YamlNode node, BitMeaning meaning, int layer)
    {
        var map = new YamlMap(node, "bits", "levels", "for", "needs", "unless", "doc", "cite");
        return new([.. YamlNumbers.Bits(map.Node("bits"))], meaning, Narrowing.Read(map), layer);
    }
}

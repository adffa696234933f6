using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>Bits that are no field: a row of <c>reserved</c>, <c>res0</c> or <c>ignored</c>.</summary>
internal sealed record BitRow(IReadOnlyList<int> Bits, BitMeaning Meaning, Narrowing Narrowing)
{
    public static BitRow Read(YamlNode node, BitMeaning meaning)
    {
        var map = new YamlMap(node, "bits", "levels", "for", "needs", "unless", "doc", "cite");
        return new([.. YamlNumbers.Bits(map.Node("bits"))], meaning, Narrowing.Read(map));
    }
}

using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>The address field, which takes what no other row claims of its span.</summary>
/// <param name="Bits">The span.</param>
/// <param name="Limit">The capability that says how wide an address is; null when the span says it.</param>
/// <param name="Above">What bits at and above that width are; null without a limit.</param>
/// <param name="Below">What a leaf's bits below its page size are; null when other rows say so.</param>
internal sealed record AddressRow(IReadOnlyList<int> Bits, string? Limit, BitMeaning? Above, BitMeaning? Below)
{
    public static bool IsAddress(YamlNode node) =>
        ((YamlMappingNode)node).Children.TryGetValue("role", out YamlNode? role)
        && ((YamlScalarNode)role).Value == "address";

    public static AddressRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "name", "sym", "bits", "role", "limit", "above", "below", "doc", "cite");
        return new(
            [.. YamlNumbers.Bits(map.Node("bits"))],
            map.TextOrNull("limit"),
            Meaning("above", BitMeaning.Address),
            Meaning("below", BitMeaning.Unaligned));

        // What makes an entry illegal is told by the illegal rules, not by the bits.
        BitMeaning? Meaning(string key, BitMeaning illegal) => !map.Has(key) ? null
            : map.Text(key) == "illegal" ? illegal
            : BitMeanings.Parse(map.Text(key));
    }
}

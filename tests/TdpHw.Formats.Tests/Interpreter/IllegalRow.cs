using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A combination of fields that the format refuses, or a bound that entries must keep.</summary>
/// <param name="Name">What it is called; rows of one name are one rule.</param>
/// <param name="Bound">The bound; null for a combination.</param>
/// <param name="Condition">The combination.</param>
/// <param name="Narrowing">Where it is judged.</param>
internal sealed record IllegalRow(string Name, string? Bound, Condition Condition, Narrowing Narrowing)
{
    public static IllegalRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "name", "levels", "for", "when", "any", "not", "bound", "needs", "unless", "doc", "cite");
        return new(map.Text("name"), map.TextOrNull("bound"), Condition.Read(map), Narrowing.Read(map));
    }
}

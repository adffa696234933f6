using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A combination of fields that the format refuses.</summary>
internal sealed record IllegalRow(string Name, Condition Condition, Narrowing Narrowing)
{
    public static IllegalRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "name", "levels", "for", "when", "any", "needs", "unless", "doc", "cite");
        return new(map.Text("name"), Condition.Read(map), Narrowing.Read(map));
    }
}

using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A condition that makes an entry present.</summary>
internal sealed record PresentRow(Condition Condition, Narrowing Narrowing)
{
    public static PresentRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "levels", "when", "any", "not", "needs", "unless", "doc", "cite");
        return new(Condition.Read(map), Narrowing.Read(map));
    }
}

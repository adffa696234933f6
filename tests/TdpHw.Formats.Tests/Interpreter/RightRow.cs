using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A condition under which an entry grants a right.</summary>
internal sealed record RightRow(Rights Right, Condition Condition, Narrowing Narrowing)
{
    public static RightRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "right", "levels", "for", "when", "any", "needs", "unless", "doc", "cite");
        Rights right = map.Text("right") switch
        {
            "read" => Rights.Read,
            "write" => Rights.Write,
            "execute" => Rights.Execute,
            "user-execute" => Rights.UserExecute,
            "user" => Rights.User,
            var word => throw new InvalidDataException($"'{word}' is no right."),
        };
        return new(right, Condition.Read(map), Narrowing.Read(map));
    }
}

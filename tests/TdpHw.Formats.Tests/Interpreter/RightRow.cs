using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A condition under which an entry grants a right.</summary>
/// <param name="Right">The right.</param>
/// <param name="Condition">The condition.</param>
/// <param name="Narrowing">At which levels and with which capabilities.</param>
/// <param name="IsForLeaves">Whether a table entry grants the right whatever it holds.</param>
internal sealed record RightRow(Rights Right, Condition Condition, Narrowing Narrowing, bool IsForLeaves)
{
    public static RightRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "right", "levels", "for", "when", "any", "not", "needs", "unless", "doc", "cite");
        return new(Parse(map.Text("right")), Condition.Read(map), Narrowing.Read(map), map.Has("for"));
    }

    /// <summary>The right that a word of a definition names.</summary>
    public static Rights Parse(string word) => word switch
    {
        "read" => Rights.Read,
        "write" => Rights.Write,
        "execute" => Rights.Execute,
        "user-execute" => Rights.UserExecute,
        "user" => Rights.User,
        _ => throw new InvalidDataException($"'{word}' is no right."),
    };
}

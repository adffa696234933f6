using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A depth of walk, and how wide the addresses are that it translates.</summary>
/// <param name="Levels">The depth.</param>
/// <param name="InputBits">The width; 0 where a capability says it.</param>
/// <param name="InputFrom">That capability.</param>
/// <param name="Narrowing">With which capabilities there is such a walk.</param>
internal sealed record WalkRow(int Levels, int InputBits, string? InputFrom, Narrowing Narrowing)
{
    public static WalkRow Read(YamlNode node)
    {
        // "levels" is the depth here and narrows nothing, so the narrowing is read from the capabilities alone.
        var map = new YamlMap(node, "levels", "input", "needs", "unless", "doc", "cite");
        var narrowing = new Narrowing(null, EntryLayout.None, map.Texts("needs"), map.Texts("unless"));
        bool isNumber = char.IsAsciiDigit(map.Text("input")[0]);
        return new(map.Int32("levels"), isNumber ? map.Int32("input") : 0, isNumber ? null : map.Text("input"), narrowing);
    }
}

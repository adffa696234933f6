using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A depth of walk, and how wide the addresses are that it translates.</summary>
internal sealed record WalkRow(int Levels, int InputBits, Narrowing Narrowing)
{
    public static WalkRow Read(YamlNode node)
    {
        // "levels" is the depth here and narrows nothing, so the narrowing is read from the capabilities alone.
        var map = new YamlMap(node, "levels", "input", "needs", "unless", "doc", "cite");
        var narrowing = new Narrowing(null, EntryLayout.None, map.Texts("needs"), map.Texts("unless"));
        return new(map.Int32("levels"), map.Int32("input"), narrowing);
    }
}

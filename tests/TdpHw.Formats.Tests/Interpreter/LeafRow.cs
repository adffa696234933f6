using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A way in which a present entry says that it maps a page.</summary>
/// <param name="Condition">How the entry says so.</param>
/// <param name="Narrowing">At which levels, and with which capabilities the hardware follows.</param>
/// <param name="RefusedOtherwise">
/// Whether hardware without the capabilities takes the entry for a leaf with a reserved bit set; otherwise the row is not
/// there for it.
/// </param>
/// <param name="Size">The word for how it says how large the page is; null when its level does.</param>
internal sealed record LeafRow(Condition Condition, Narrowing Narrowing, bool RefusedOtherwise, string? Size)
{
    public static LeafRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "levels", "when", "any", "not", "size", "needs", "unless", "else", "doc", "cite");
        bool refused = map.Has("else") && BitMeanings.Parse(map.Text("else")) == BitMeaning.Reserved;
        return new(Condition.Read(map), Narrowing.Read(map), refused, map.TextOrNull("size"));
    }
}

using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A capability that a definition declares: its range, and its default unless it may be left out.</summary>
internal sealed record CapabilityRow(string Name, ulong Least, ulong Most, ulong? Default)
{
    public static CapabilityRow Read(YamlNode node)
    {
        var map = new YamlMap(node, "name", "property", "width", "flag", "default", "optional", "from", "doc", "cite");
        string name = map.Text("name");
        if (map.Has("flag"))
        {
            return new(name, 0, 1, bool.Parse(map.Text("flag")) ? 1ul : 0);
        }

        ulong[] widths = [.. YamlNumbers.Values(map.Node("width"))];
        ulong? byDefault = map.Has("default") ? YamlNumbers.Parse(map.Text("default")) : null;
        if (byDefault is null && map.TextOrNull("optional") != "true")
        {
            throw new InvalidDataException($"The capability '{name}' has no default and is not optional.");
        }

        return new(name, widths[0], widths[^1], byDefault);
    }
}

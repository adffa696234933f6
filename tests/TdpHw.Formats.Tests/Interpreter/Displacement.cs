using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>
/// Bits of a field that stand higher in the entry than they belong: the topmost ones below a width are moved up by their
/// count, and all ones are put in their place.
/// </summary>
/// <param name="Bits">How many bits are moved.</param>
/// <param name="Below">The capability that gives the width; nothing is moved where it is not given.</param>
internal sealed record Displacement(int Bits, string Below)
{
    public static Displacement Read(YamlNode node)
    {
        var map = new YamlMap(node, "bits", "below");
        return new(map.Int32("bits"), map.Text("below"));
    }

    /// <summary>Puts the moved bits of <paramref name="raw"/> back.</summary>
    public ulong Undo(ulong raw, Capabilities capabilities)
    {
        if (capabilities[Below] is not { } width)
        {
            return raw;
        }

        ulong undone = 0;
        for (int bit = 0; bit < (int)width; bit++)
        {
            int source = bit < (int)width - Bits ? bit : bit + Bits;
            undone |= ((raw >> source) & 1) << bit;
        }

        return undone;
    }
}

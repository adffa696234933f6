using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>The three ways in which a definition writes numbers: single ones, ranges of values, ranges of bits.</summary>
internal static class YamlNumbers
{
    public static ulong Parse(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Every value that <c>7</c>, <c>2..3</c> or a list of those names.</summary>
    public static IEnumerable<ulong> Values(YamlNode node)
    {
        if (node is YamlSequenceNode sequence)
        {
            foreach (ulong value in sequence.Children.SelectMany(Values))
            {
                yield return value;
            }

            yield break;
        }

        string[] ends = ((YamlScalarNode)node).Value!.Split("..");
        ulong last = Parse(ends[^1]);
        for (ulong value = Parse(ends[0]); value <= last; value++)
        {
            yield return value;
        }
    }

    /// <summary>Every level that <c>7</c>, <c>2..3</c>, <c>2..</c> or a list of those names; no format has more than 7.</summary>
    public static IEnumerable<ulong> Levels(YamlNode node)
    {
        const ulong highest = 7;
        if (node is YamlSequenceNode sequence)
        {
            return sequence.Children.SelectMany(Levels);
        }

        string text = ((YamlScalarNode)node).Value!;
        return text.EndsWith("..", StringComparison.Ordinal)
            ? Enumerable.Range((int)Parse(text[..^2]), (int)highest).Select(level => (ulong)level).Where(level => level <= highest)
            : Values(node);
    }

    /// <summary>Every bit that <c>7</c>, <c>51:12</c> or a list of those names, the highest of the value first.</summary>
    public static IEnumerable<int> Bits(YamlNode node)
    {
        if (node is YamlSequenceNode sequence)
        {
            foreach (int bit in sequence.Children.SelectMany(Bits))
            {
                yield return bit;
            }

            yield break;
        }

        string[] ends = ((YamlScalarNode)node).Value!.Split(':');
        int lowest = (int)Parse(ends[^1]);
        for (int bit = (int)Parse(ends[0]); bit >= lowest; bit--)
        {
            yield return bit;
        }
    }
}

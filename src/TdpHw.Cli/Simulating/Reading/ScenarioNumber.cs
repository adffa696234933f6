using TdpHw.Memory;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>Numbers as scenarios write them: decimal, <c>0x</c>, and with K, M, G or T for powers of 1024.</summary>
internal static class ScenarioNumber
{
    private const string Units = "KMGT";

    /// <summary>Reads a number of up to 64 bits.</summary>
    /// <param name="text">The number.</param>
    /// <param name="value">Its value.</param>
    /// <param name="problem">What is wrong with it, to follow the quoted text; empty when nothing is.</param>
    /// <returns>Whether it is a number.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong value, out string problem)
    {
        int unit = text.IsEmpty ? -1 : Units.IndexOf(text[^1], StringComparison.OrdinalIgnoreCase);
        if (!NumberText.TryParse(unit < 0 ? text : text[..^1], out value, out problem))
        {
            return false;
        }

        int shift = 10 * (unit + 1);
        if (value > ulong.MaxValue >> shift)
        {
            problem = "does not fit in 64 bits";
            return false;
        }

        value <<= shift;
        return true;
    }
}

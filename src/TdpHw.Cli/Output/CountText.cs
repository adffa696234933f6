using System.Globalization;

namespace TdpHw.Cli.Output;

/// <summary>Numbers of things, for people: one thing is not called by the word for several.</summary>
internal static class CountText
{
    /// <summary>The number and the word that goes with it: <c>1 page</c>, <c>2 pages</c>.</summary>
    public static string Of(long count, string one, string several) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {Word(count, one, several)}");

    /// <summary>The word that goes with a number.</summary>
    public static string Word(long count, string one, string several) => count == 1 ? one : several;
}

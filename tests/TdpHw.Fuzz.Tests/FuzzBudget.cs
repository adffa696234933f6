using System.Globalization;

namespace TdpHw.Fuzz.Tests;

/// <summary>
/// How many cases a run tries and from which seed: a few by default, more by environment variables
/// (<c>TDPHW_FUZZ_CASES</c>, <c>TDPHW_FUZZ_SEED</c>).
/// </summary>
internal static class FuzzBudget
{
    /// <summary>The first seed of the run; each case has its own, so that one case can be tried again alone.</summary>
    public static int Seed { get; } = Read("TDPHW_FUZZ_SEED", 1);

    /// <summary>How many cases a test tries, where <paramref name="byDefault"/> fit an ordinary run.</summary>
    public static int Cases(int byDefault) => Read("TDPHW_FUZZ_CASES", byDefault);

    private static int Read(string variable, int byDefault) =>
        Environment.GetEnvironmentVariable(variable) is string text
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : byDefault;
}

using System.Globalization;

namespace TdpHw.Formats.Tests.Oracle;

/// <summary>
/// Disagreements with the oracle, gathered over a whole file: which vectors fail together says more than the first of
/// them.
/// </summary>
internal sealed class Findings
{
    private const int Shown = 10;
    private readonly List<string> _all = [];

    /// <summary>Compares numbers; addresses, masks and values read best in hexadecimal.</summary>
    public void Expect(string where, string what, ulong? expected, ulong? actual)
    {
        if (expected != actual)
        {
            _all.Add($"{where}: {what} is {Text(actual)}, not {Text(expected)}");
        }
    }

    /// <summary>Compares anything else.</summary>
    public void Expect<T>(string where, string what, T expected, T actual)
        where T : struct, Enum
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            _all.Add($"{where}: {what} is {actual}, not {expected}");
        }
    }

    /// <summary>Compares yes and no.</summary>
    public void Expect(string where, string what, bool expected, bool actual)
    {
        if (expected != actual)
        {
            _all.Add($"{where}: {what} is {actual}, not {expected}");
        }
    }

    /// <summary>Compares sets of words.</summary>
    public void ExpectSet(string where, string what, IEnumerable<string> expected, IEnumerable<string> actual)
    {
        string[] wanted = [.. expected.Order()];
        string[] got = [.. actual.Order()];
        if (!wanted.SequenceEqual(got))
        {
            _all.Add($"{where}: {what} is [{string.Join(", ", got)}], not [{string.Join(", ", wanted)}]");
        }
    }

    /// <summary>Fails the test when anything disagreed, or when not all of the file was looked at.</summary>
    public void AssertNone(int expectedCount, int count)
    {
        Assert.True(count > 0, "Nothing was looked at.");
        Assert.Equal(expectedCount, count);
        if (_all.Count != 0)
        {
            Assert.Fail($"{_all.Count} disagreements, such as:\n{string.Join('\n', _all.Take(Shown))}");
        }
    }

    private static string Text(ulong? value) =>
        value is { } number ? string.Create(CultureInfo.InvariantCulture, $"0x{number:x}") : "absent";
}

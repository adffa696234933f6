using System.Globalization;
using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Oracle;

/// <summary>
/// Disagreements with the oracle, gathered over a whole file: which vectors fail together says more than the first of
/// them.
/// </summary>
internal sealed class Findings
{
    private const int Shown = 10;
    private readonly List<string> _all = [];

    /// <summary>Notes a disagreement that was found elsewhere.</summary>
    public void Add(string finding) => _all.Add(finding);

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

    /// <summary>Compares all that is said of an entry.</summary>
    public void ExpectReading(string where, EntryReading expected, EntryReading actual)
    {
        Expect(where, "layout", expected.Layout, actual.Layout);
        Expect(where, "kind", expected.Kind, actual.Kind);
        Expect(where, "output address", expected.OutputAddress, actual.OutputAddress);
        Expect(where, "page size", expected.PageSize, actual.PageSize);
        Expect(where, "next level", (ulong?)expected.NextLevel, (ulong?)actual.NextLevel);
        Expect(where, "own rights", expected.OwnRights, actual.OwnRights);
        Expect(where, "rights", expected.Rights, actual.Rights);
        Expect(where, "memory type", (ulong?)expected.MemoryType, (ulong?)actual.MemoryType);
        Expect(where, "accessed is known", expected.Accessed.HasValue, actual.Accessed.HasValue);
        Expect(where, "accessed", expected.Accessed == true, actual.Accessed == true);
        Expect(where, "dirty is known", expected.Dirty.HasValue, actual.Dirty.HasValue);
        Expect(where, "dirty", expected.Dirty == true, actual.Dirty == true);
        Expect(where, "reserved bits", expected.ReservedBits, actual.ReservedBits);
        Expect(where, "bits that should be zero", expected.Res0Bits, actual.Res0Bits);
        if (!expected.Fields.SequenceEqual(actual.Fields))
        {
            ExpectSet(where, "fields", expected.Fields.Select(field => $"{field}"), actual.Fields.Select(field => $"{field}"));
        }

        if (!expected.Illegal.SequenceEqual(actual.Illegal))
        {
            ExpectSet(where, "illegal", expected.Illegal, actual.Illegal);
        }
    }

    /// <summary>Fails the test when anything disagreed, or when not all of the file was looked at.</summary>
    public void AssertNone(int expectedCount, int count)
    {
        Assert.Equal(expectedCount, count);
        AssertNone(count);
    }

    /// <summary>Fails the test when anything disagreed, or when nothing was looked at.</summary>
    public void AssertNone(int count)
    {
        Assert.True(count > 0, "Nothing was looked at.");
        if (_all.Count != 0)
        {
            Assert.Fail($"{_all.Count} disagreements, such as:\n{string.Join('\n', _all.Take(Shown))}");
        }
    }

    private static string Text(ulong? value) =>
        value is { } number ? string.Create(CultureInfo.InvariantCulture, $"0x{number:x}") : "absent";
}

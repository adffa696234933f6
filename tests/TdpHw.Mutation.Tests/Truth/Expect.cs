using System.Diagnostics.CodeAnalysis;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Comparisons that end at the first disagreement.</summary>
internal static class Expect
{
    public static void Equal<T>(T expected, T actual, string where, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            Disagree(where, $"{what} is {Text(actual)}, not {Text(expected)}");
        }
    }

    public static void Same<T>(IEnumerable<T> expected, IEnumerable<T> actual, string where, string what)
    {
        if (!expected.SequenceEqual(actual))
        {
            Disagree(
                where, $"{what} is [{string.Join(", ", actual.Select(Text))}], not [{string.Join(", ", expected.Select(Text))}]");
        }
    }

    [DoesNotReturn]
    public static void Disagree(string where, string what) => throw new DisagreementException($"{where}: {what}");

    private static string Text<T>(T value) => value switch
    {
        null => "absent",
        ulong number => $"0x{number:x}",
        _ => value.ToString()!,
    };
}

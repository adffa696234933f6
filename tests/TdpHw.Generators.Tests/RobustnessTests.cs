using System.Globalization;
using System.Text.RegularExpressions;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

public sealed class RobustnessTests
{
    private const string Alphabet = "abzAZ019_-:,.[]{}#&*!|>'\"%@`?<= \n\t\\$\u2028é";

    private static readonly Regex Value = new(
        @"[A-Za-z0-9_.:-]+", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));

    public static TheoryData<string> Files => [.. Repository.Definitions.Select(file => file.Name[..^".hwdef.yaml".Length])];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_definition_cut_short_anywhere_gives_code_or_errors(string name)
    {
        DefinitionText file = Repository.Definition(name);
        string[] lines = file.Text.Split('\n');

        Judge(Enumerable.Range(0, lines.Length).Select(count => (file, string.Join('\n', lines.Take(count)))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_change_of_one_character_gives_code_or_errors(int seed) => Judge(Changes(new Random(seed), Cases(500)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Any_change_of_structure_gives_code_or_errors(int seed) => Judge(Rearrangements(new Random(seed), Cases(500)));

    /// <summary>How many changes a seed makes; a longer run sets <c>TDPHW_FUZZ_CASES</c>.</summary>
    private static int Cases(int byDefault) =>
        Environment.GetEnvironmentVariable("TDPHW_FUZZ_CASES") is string text
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : byDefault;

    private static void Judge(IEnumerable<(DefinitionText File, string Text)> mutants)
    {
        var failures = new List<string>();
        foreach ((DefinitionText file, string text) in mutants)
        {
            string? failure;
            try
            {
                failure = Mutants.Judge(file, text);
            }
#pragma warning disable CA1031 // Whatever escapes the generator is the failure looked for.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = exception.ToString();
            }

            if (failure is not null)
            {
                failures.Add($"{file.Name}: {failure}\n{Difference(file.Text, text)}");
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures.Take(10)));
    }

    /// <summary>Characters inserted, dropped and replaced at random; the same ones for the same seed.</summary>
    private static IEnumerable<(DefinitionText File, string Text)> Changes(Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            DefinitionText file = Repository.Definitions[random.Next(Repository.Definitions.Count)];
            int at = random.Next(file.Text.Length);
            char c = Alphabet[random.Next(Alphabet.Length)];
            yield return (file, random.Next(3) switch
            {
                0 => file.Text.Insert(at, c.ToString()),
                1 => file.Text.Remove(at, 1),
                _ => file.Text.Remove(at, 1).Insert(at, c.ToString()),
            });
        }
    }

    /// <summary>Lines dropped, doubled, swapped and indented, values exchanged for others of the file.</summary>
    private static IEnumerable<(DefinitionText File, string Text)> Rearrangements(Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            DefinitionText file = Repository.Definitions[random.Next(Repository.Definitions.Count)];
            List<string> lines = [.. file.Text.Split('\n')];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                Rearrange(lines, random);
            }

            yield return (file, string.Join('\n', lines));
        }
    }

    private static void Rearrange(List<string> lines, Random random)
    {
        int at = random.Next(lines.Count);
        int other = random.Next(lines.Count);
        switch (random.Next(6))
        {
            case 0 when lines.Count > 1:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(other, lines[at]);
                break;
            case 2:
                (lines[at], lines[other]) = (lines[other], lines[at]);
                break;
            case 3:
                lines[at] = (random.Next(2) == 0 ? "  " : "") + lines[at].TrimStart();
                break;
            default:
                string[] values = [.. lines.SelectMany(l => Value.Matches(l)).Select(m => m.Value)];
                string[] here = [.. Value.Matches(lines[at]).Select(m => m.Value)];
                if (here.Length > 0)
                {
                    string old = here[random.Next(here.Length)];
                    int place = lines[at].IndexOf(old, StringComparison.Ordinal);
                    lines[at] = lines[at].Remove(place, old.Length).Insert(place, values[random.Next(values.Length)]);
                }

                break;
        }
    }

    private static string Difference(string before, string after)
    {
        int at = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        int line = before.AsSpan(0, at).Count('\n');
        return $"line {line + 1}: {before.Split('\n')[line]}\n     now: {string.Join("\n          ", after.Split('\n').Skip(line).Take(2))}";
    }
}

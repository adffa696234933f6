using System.Globalization;
using System.Text.RegularExpressions;
using TdpHw.Generators.Tests.Diagnostics;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

/// <summary>What <c>hwdefs/README.md</c> promises to someone who writes a first definition: every step is done as it says.</summary>
public sealed partial class NewcomerTests
{
    private const string FileName = "toy.hwdef.yaml";
    private const int Patience = 10_000; // milliseconds

    private static readonly string Readme = Repository.Read("hwdefs/README.md").ReplaceLineEndings("\n");

    private static readonly string Finished = Repository.Read("tests/TdpHw.Formats.Tests/Definitions/" + FileName).ReplaceLineEndings("\n");

    [Fact]
    public void Each_step_is_told_what_the_readme_says_and_the_last_file_is_the_finished_one()
    {
        string text = "";
        int told = 0;
        int built = 0;
        foreach (string step in Section("## From an empty file").Split("\n### ")[1..])
        {
            bool isJudged = true;
            foreach (Match block in Block().Matches(step))
            {
                string content = block.Groups["content"].Value;
                switch (block.Groups["kind"].Value)
                {
                    case "yaml":
                        text += content;
                        isJudged = false;
                        break;
                    case "diff":
                        text = Changed(text, content);
                        isJudged = false;
                        break;
                    default:
                        RequireTold(step, content.TrimEnd('\n').Split('\n'), text);
                        isJudged = true;
                        told++;
                        break;
                }
            }

            // What nothing is told of builds.
            if (!isJudged)
            {
                GeneratorHarness harness = Run(text);
                Assert.Empty(harness.Result.Diagnostics);
                Assert.Contains("Toy.Walk.g.cs", harness.Sources.Keys);
                Assert.Empty(GeneratedProject.Compile(harness.Sources));
                built++;
            }
        }

        Assert.True(told >= 5 && built >= 3, $"{told} errors and {built} builds");
        Assert.Equal(Finished, text);
    }

    [Fact]
    public void How_something_is_said_is_how_a_definition_that_ships_says_it()
    {
        int count = 0;
        foreach (string row in Section("## How do I say").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1))
        {
            string[] cells = row.Split(" | ");
            string definition = Repository.Definition(cells[^1].TrimEnd(' ', '|')).Text;
            foreach (Match code in Code().Matches(cells[1]).Where(m => m.Value.Contains(':', StringComparison.Ordinal)))
            {
                Assert.Contains(code.Groups["code"].Value, definition, StringComparison.Ordinal);
                count++;
            }
        }

        Assert.True(count >= 10, $"{count} pieces");
    }

    [Fact]
    public void No_diagnostic_is_explained_that_does_not_exist() => Assert.Equal(
        TdpHw.Generators.Diagnostics.DiagnosticCatalog.ById.Keys.Order(StringComparer.Ordinal),
        Explained().Matches(Readme).Select(m => m.Groups["id"].Value));

    private static GeneratorHarness Run(string text) => new([.. Repository.Definitions, new DefinitionText(FileName, text)]);

    private static void RequireTold(string step, string[] expected, string text)
    {
        string[] told = [.. DiagnosticCase.LinesOf(Run(text).Result.Diagnostics).Select(line => line.Replace("): TDPHW", "): error TDPHW", StringComparison.Ordinal))];
        int more = 0;
        if (More().Match(expected[^1]) is { Success: true } match)
        {
            more = int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture);
            expected = expected[..^1];
        }

        string shown = string.Join('\n', told.Take(told.Length - more));
        Assert.True(string.Join('\n', expected) == shown, $"{step.Split('\n')[0]}: told, with {more} more,\n{shown}");
    }

    /// <summary>The text with the lines of a diff that have a minus, or stay, replaced by those that have a plus, or stay.</summary>
    private static string Changed(string text, string diff)
    {
        string[] lines = diff.TrimEnd('\n').Split('\n');
        string before = string.Concat(lines.Where(line => line[0] != '+').Select(line => line[1..] + "\n"));
        string after = string.Concat(lines.Where(line => line[0] != '-').Select(line => line[1..] + "\n"));
        return new DefinitionText(FileName, text).With(before, after).Text;
    }

    private static string Section(string heading)
    {
        int from = Readme.IndexOf(heading, StringComparison.Ordinal);
        Assert.True(from >= 0, $"'{heading}' is missing.");
        return Readme[from..Readme.IndexOf("\n## ", from, StringComparison.Ordinal)];
    }

    [GeneratedRegex("```(?<kind>[a-z]+)\n(?<content>.*?)```", RegexOptions.Singleline, Patience)]
    private static partial Regex Block();

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.None, Patience)]
    private static partial Regex Code();

    [GeneratedRegex(@"^\.\.\. and (?<count>\d+) more$", RegexOptions.None, Patience)]
    private static partial Regex More();

    [GeneratedRegex("<a id=\"tdphw[0-9]{3}\"></a>(?<id>TDPHW[0-9]{3}) ", RegexOptions.None, Patience)]
    private static partial Regex Explained();
}

using System.Text.Json;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests.Simulating;

/// <summary>
/// The scenarios of the repository and what they must answer, written by hand from the series: for each of them a file for each
/// mode, or each way to serve, with a line for each step that matters and in it the keys that matter.
/// </summary>
public sealed class ScenarioAnswerTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "scenarios");

    public static TheoryData<string> Expectations =>
        new(Directory.EnumerateFiles(Folder, "*.jsonl").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Expectations))]
    public async Task A_scenario_answers_as_the_series_says(string expectation)
    {
        string[] parts = expectation.Split('.');
        string scenario = File.ReadAllText(Path.Combine(Folder, $"{parts[0]}.yaml"));

        CliRun run = await CliRun.WithInputAsync(InMode(scenario, parts[1]), "simulate", "-");

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        JsonElement[] answers = [.. run.Lines.Select(l => JsonDocument.Parse(l).RootElement)];
        string[] lines = File.ReadAllLines(Path.Combine(Folder, expectation));
        Assert.NotEmpty(lines);
        foreach (string line in lines)
        {
            JsonElement expected = JsonDocument.Parse(line).RootElement;
            JsonElement answer = answers[expected.GetProperty("step").GetInt32() - 1];
            Assert.True(Holds(expected, answer), $"expected {line}\nbut was  {answer.GetRawText()}");
        }
    }

    [Fact]
    public void Every_scenario_has_answers_and_every_hazard_both_modes()
    {
        foreach (string file in Directory.EnumerateFiles(Folder, "*.yaml"))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            string[] needed = name.StartsWith("serve-", StringComparison.Ordinal)
                ? ["shared", "separate", "mirrored"]
                : ["as-posted", "strict"];
            Assert.All(needed, mode => Assert.True(File.Exists(Path.Combine(Folder, $"{name}.{mode}.jsonl")), $"{name}, {mode}"));
        }

        int[] hazards = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20, 22, 24, 25, 26];
        Assert.All(hazards, number => Assert.Single(Directory.EnumerateFiles(Folder, $"hazard-{number:00}-*.yaml")));
    }

    private static string InMode(string scenario, string mode)
    {
        string changed = mode is "as-posted" or "strict"
            ? scenario.Replace("- mode: as-posted", $"- mode: {mode}", StringComparison.Ordinal)
            : scenario.Replace("serve: shared }", $"serve: {mode} }}", StringComparison.Ordinal);
        Assert.Contains(mode, changed.Split('\n').First(l => l.StartsWith("- mode", StringComparison.Ordinal)), StringComparison.Ordinal);
        return changed;
    }

    /// <summary>Whether all that is expected is there: more keys may be, more elements of a list may not.</summary>
    private static bool Holds(JsonElement expected, JsonElement actual) => expected.ValueKind switch
    {
        JsonValueKind.Object => actual.ValueKind == JsonValueKind.Object && expected.EnumerateObject().All(p =>
            actual.TryGetProperty(p.Name, out JsonElement value) && Holds(p.Value, value)),
        JsonValueKind.Array => actual.ValueKind == JsonValueKind.Array
            && expected.GetArrayLength() == actual.GetArrayLength()
            && expected.EnumerateArray().Zip(actual.EnumerateArray()).All(pair => Holds(pair.First, pair.Second)),
        _ => JsonElement.DeepEquals(expected, actual),
    };
}

using System.Text;
using TdpHw.Cli.Input;
using TdpHw.Cli.Simulating;
using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Tests.Simulating;

/// <summary>What was read of a scenario.</summary>
/// <param name="Steps">The steps, as far as it is well-formed.</param>
/// <param name="Error">What is wrong with it; null when nothing is.</param>
internal sealed record ReadScenario(IReadOnlyList<ScenarioStep> Steps, string? Error)
{
    public const string File = "s.yaml";

    public string Verbs => string.Join(' ', Steps.Select(s => s.Origin.Verb));

    public static ReadScenario Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static ReadScenario Of(byte[] text) => Of(new MemoryStream(text));

    public static ReadScenario Of(Stream stream)
    {
        List<ScenarioStep> steps = [];
        try
        {
            foreach (ScenarioStep step in Scenario.Read(stream, File, () => { }))
            {
                steps.Add(step);
            }

            return new ReadScenario(steps, null);
        }
        catch (InputException e)
        {
            return new ReadScenario(steps, e.Message);
        }
    }

    /// <summary>The only step of a text that must be a scenario of one.</summary>
    public static ScenarioStep One(string text)
    {
        ReadScenario read = Of(text);
        Assert.Null(read.Error);
        return Assert.Single(read.Steps);
    }
}

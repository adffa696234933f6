using TdpHw.Cli.Simulating;
using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Tests.Simulating;

/// <summary>A world in which nothing happens but what a test says.</summary>
internal sealed class RecordedWorld(Func<ScenarioStep, StepAnswer> answer) : IScenarioWorld
{
    public List<string> Done { get; } = [];

    public StepAnswer Do(ScenarioStep step)
    {
        Done.Add(step.Origin.Verb);
        return answer(step);
    }

    /// <summary>A world in which all goes well.</summary>
    public static RecordedWorld Well() => new(_ => new StepAnswer(StepAnswer.Ok));
}

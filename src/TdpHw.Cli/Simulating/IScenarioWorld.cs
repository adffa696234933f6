using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Simulating;

/// <summary>What a scenario happens to.</summary>
internal interface IScenarioWorld
{
    /// <summary>Does a step.</summary>
    /// <returns>What came of it.</returns>
    StepAnswer Do(ScenarioStep step);
}

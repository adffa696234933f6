namespace TdpHw.Cli.Simulating.Steps;

/// <summary>One step of a scenario.</summary>
/// <param name="Origin">Where it comes from.</param>
internal abstract record ScenarioStep(StepOrigin Origin);

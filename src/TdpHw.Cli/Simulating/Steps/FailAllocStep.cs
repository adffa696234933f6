namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Lets an allocation fail.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Count">Which of those to come: 1 for the next.</param>
internal sealed record FailAllocStep(StepOrigin Origin, long Count) : ScenarioStep(Origin);

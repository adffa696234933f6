namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Changes the process that system calls come from, or ends it.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Fate">What happens.</param>
internal sealed record MmStep(StepOrigin Origin, ProcessFate Fate) : ScenarioStep(Origin);

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Breaks the host's memory behind a guest page.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Gpa">The guest-physical address.</param>
internal sealed record PoisonStep(StepOrigin Origin, ulong Gpa) : ScenarioStep(Origin);

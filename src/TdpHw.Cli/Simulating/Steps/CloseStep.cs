namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Closes the file of an export.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Fd">The number of the export.</param>
internal sealed record CloseStep(StepOrigin Origin, ulong Fd) : ScenarioStep(Origin);

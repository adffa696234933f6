namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Takes memory away on the host's side.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Gpa">The first guest-physical address.</param>
/// <param name="Size">How many bytes.</param>
/// <param name="BackingLevel">The size of the pages that the host comes back with, as a level; null for those that it had.</param>
internal sealed record ZapStep(StepOrigin Origin, ulong Gpa, ulong Size, int? BackingLevel) : ScenarioStep(Origin);

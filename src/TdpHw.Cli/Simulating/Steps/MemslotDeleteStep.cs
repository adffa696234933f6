namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Deletes a memory slot, named by an address in it or by its number.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Gpa">An address in the slot.</param>
/// <param name="Slot">The slot's number.</param>
internal sealed record MemslotDeleteStep(StepOrigin Origin, ulong? Gpa, ulong? Slot) : ScenarioStep(Origin);

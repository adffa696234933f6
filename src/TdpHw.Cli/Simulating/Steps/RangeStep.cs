namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Lets KVM do something with a range of guest memory.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Action">What it does.</param>
/// <param name="Gpa">The first guest-physical address.</param>
/// <param name="Size">How many bytes.</param>
internal sealed record RangeStep(StepOrigin Origin, RangeAction Action, ulong Gpa, ulong Size) : ScenarioStep(Origin);

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Destroys an imported table.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Hwpt">The number of the HWPT.</param>
internal sealed record HwptDestroyStep(StepOrigin Origin, ulong Hwpt) : ScenarioStep(Origin);

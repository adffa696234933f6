using TdpHw.Core.Kvm;

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Begins a machine: how faithful it is to the series, and who fills the importer's table.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="IsStrict">Whether every hazard of the series is closed.</param>
/// <param name="Serving">Who fills the importer's table.</param>
internal sealed record ModeStep(StepOrigin Origin, bool IsStrict, Serving Serving) : ScenarioStep(Origin);

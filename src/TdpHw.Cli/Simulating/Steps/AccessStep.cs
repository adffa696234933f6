namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Lets a vCPU access memory.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="VCpu">The number of the vCPU.</param>
/// <param name="Gpa">The guest-physical address.</param>
/// <param name="IsWrite">Whether it writes.</param>
/// <param name="IsFetch">Whether it executes.</param>
/// <param name="IsSmm">Whether it is in system management mode.</param>
/// <param name="IsGuestMode">Whether it runs a nested guest.</param>
internal sealed record AccessStep(
    StepOrigin Origin,
    ulong VCpu,
    ulong Gpa,
    bool IsWrite,
    bool IsFetch,
    bool IsSmm,
    bool IsGuestMode) : ScenarioStep(Origin);

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Makes a vCPU.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="HasCpuid">Whether its CPUID is set yet.</param>
/// <param name="MaxPhyAddr">How wide its physical addresses are; null for those of the host.</param>
internal sealed record VCpuStep(StepOrigin Origin, bool HasCpuid, int? MaxPhyAddr) : ScenarioStep(Origin);

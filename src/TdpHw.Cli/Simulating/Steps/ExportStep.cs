namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Exports the VM's table (KVM_CREATE_TDP_FD).</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="AsId">The address space.</param>
/// <param name="Mode">The field that has to be zero today.</param>
/// <param name="Pad">The padding.</param>
internal sealed record ExportStep(StepOrigin Origin, uint AsId, uint Mode, uint Pad) : ScenarioStep(Origin);

using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Lets a device access memory.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Device">The device.</param>
/// <param name="Gpa">The guest-physical address.</param>
/// <param name="IsWrite">Whether it writes.</param>
internal sealed record DmaStep(StepOrigin Origin, DeviceAddress Device, ulong Gpa, bool IsWrite) : ScenarioStep(Origin);

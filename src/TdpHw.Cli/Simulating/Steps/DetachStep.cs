using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Ends a device's use of its table.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Device">The device.</param>
/// <param name="Hwpt">The number of the HWPT; null for whichever it uses.</param>
internal sealed record DetachStep(StepOrigin Origin, DeviceAddress Device, ulong? Hwpt) : ScenarioStep(Origin);

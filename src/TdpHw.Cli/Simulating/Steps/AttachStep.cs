using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Lets a device use an imported table.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Device">The device.</param>
/// <param name="Hwpt">The number of the HWPT.</param>
internal sealed record AttachStep(StepOrigin Origin, DeviceAddress Device, ulong Hwpt) : ScenarioStep(Origin);

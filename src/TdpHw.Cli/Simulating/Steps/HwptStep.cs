using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Imports an exported table (IOMMU_HWPT_ALLOC).</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Fd">The number of the export.</param>
/// <param name="Device">The device.</param>
/// <param name="IsNestParent">Whether it is to be the parent of nested tables.</param>
internal sealed record HwptStep(StepOrigin Origin, ulong Fd, DeviceAddress Device, bool IsNestParent) : ScenarioStep(Origin);

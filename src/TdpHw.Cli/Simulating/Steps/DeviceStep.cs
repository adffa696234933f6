using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Makes a device.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Device">The device.</param>
/// <param name="Iommu">The unit that serves it; null for the only one.</param>
/// <param name="HasAts">Whether it has translations of its own (ATS).</param>
/// <param name="HasPri">Whether it can make page requests (PRI).</param>
/// <param name="Pasid">The PASID of its requests; null for none.</param>
/// <param name="HasIopf">Whether somebody else has switched its page requests on.</param>
internal sealed record DeviceStep(
    StepOrigin Origin,
    DeviceAddress Device,
    string? Iommu,
    bool HasAts,
    bool HasPri,
    int? Pasid,
    bool HasIopf) : ScenarioStep(Origin);

using System.Collections.Immutable;
using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Lets a device request pages.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Device">The device.</param>
/// <param name="Group">The requests of one group.</param>
internal sealed record PageRequestStep(
    StepOrigin Origin,
    DeviceAddress Device,
    ImmutableArray<RequestedPage> Group) : ScenarioStep(Origin);

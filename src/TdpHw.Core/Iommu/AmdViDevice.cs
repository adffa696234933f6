using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>What the device table of an AMD-Vi unit says of one device: how its requests without a PASID are translated.</summary>
/// <param name="Address">The device.</param>
/// <param name="Kind">How its requests are translated.</param>
/// <param name="Root">The root of the v1 host tables; address 0 when none translate.</param>
/// <param name="Levels">The levels of the v1 host tables; 0 when none translate.</param>
/// <param name="Domain">The domain that cached translations are tagged with.</param>
/// <param name="Rights">What the entry allows, whatever the tables below it do: reads (IR) and writes (IW).</param>
/// <param name="Fault">Why the unit refuses every request; <see cref="AmdViFault.None"/> when it does not.</param>
public sealed record AmdViDevice(
    DeviceAddress Address,
    AmdViTranslationKind Kind,
    HostPhysicalAddress Root,
    int Levels,
    int Domain,
    Rights Rights,
    AmdViFault Fault)
{
    /// <summary>Whether the entry is valid (V); without one every request passes as it is.</summary>
    public bool HasEntry { get; init; } = true;
}

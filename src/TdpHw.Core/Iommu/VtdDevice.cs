using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>What a VT-d unit's tables say of one device: how its requests, with a PASID or without, are translated.</summary>
/// <param name="Address">The device.</param>
/// <param name="Kind">How its requests are translated.</param>
/// <param name="Root">The second-stage root table; address 0 when no second stage translates.</param>
/// <param name="Levels">The levels of the second stage; 0 when no second stage translates.</param>
/// <param name="Domain">The domain that cached translations are tagged with.</param>
/// <param name="Pasid">The PASID whose entry this is; null in legacy mode.</param>
/// <param name="Fault">Why the tables refuse every request; <see cref="VtdFaultReason.None"/> when they do not.</param>
public readonly record struct VtdDevice(
    DeviceAddress Address,
    VtdTranslationKind Kind,
    HostPhysicalAddress Root,
    int Levels,
    int Domain,
    int? Pasid,
    VtdFaultReason Fault)
{
    /// <summary>Whether the device may ask for translations and keep them (DTE of the context entry; TT in legacy mode).</summary>
    public bool AllowsDeviceTlb { get; init; }

    /// <summary>Whether the device may ask for pages (PRE of the context entry).</summary>
    public bool AllowsPageRequests { get; init; }

    /// <summary>Whether the unit sets accessed and dirty flags in the second stage (SSADE of the PASID entry).</summary>
    public bool MarksAccesses { get; init; }

    /// <summary>Whether execute rights of the second stage are in force (SSEE of the PASID entry).</summary>
    public bool HonoursExecute { get; init; }

    /// <summary>Whether memory types of the second stage are in force (EMTE of the PASID entry).</summary>
    public bool HasMemoryTypes { get; init; }
}

namespace TdpHw.Core.Iommu;

/// <summary>What a device can do.</summary>
public sealed record DmaDeviceSettings
{
    /// <summary>The largest PASID. (PCI Express Base Specification, 6.20.2: 20 bits.)</summary>
    public const int MaxPasid = 0xf_ffff;

    /// <summary>Whether it asks for translations and keeps them in a TLB of its own (ATS).</summary>
    public bool HasAts { get; init; } = true;

    /// <summary>Whether it asks for pages that are not mapped (PRI); that needs ATS.</summary>
    public bool HasPri { get; init; } = true;

    /// <summary>The PASID that its requests carry; null for requests without one.</summary>
    public int? Pasid { get; init; }
}

using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>What a VT-d unit can do, and how its driver runs it.</summary>
/// <param name="Cap">Its CAP_REG.</param>
/// <param name="Ecap">Its ECAP_REG.</param>
public sealed record VtdUnitSettings(VtdCap Cap, VtdEcap Ecap)
{
    /// <summary>How wide the physical addresses are that it takes, in bits, 32 to 52 (HAW of the platform's DMAR table).</summary>
    public int HostAddressWidth { get; init; } = 46;

    /// <summary>Whether the driver asks for scalable mode; a unit without ECAP.SMTS runs in legacy mode all the same.</summary>
    public bool WantsScalable { get; init; } = true;

    /// <summary>Whether the driver can take exported tables (series, patch 18, CONFIG_INTEL_IOMMU_KVM).</summary>
    public bool TakesKvmDomains { get; init; } = true;
}

namespace TdpHw.Core.Iommu;

/// <summary>What a descriptor of a unit's invalidation queue drops. (Intel VT-d Architecture Specification, 6.5.2.)</summary>
public enum InvalidationKind
{
    /// <summary>Context entries of a domain (6.5.2.1).</summary>
    ContextCache,

    /// <summary>PASID entries of a domain (6.5.2.2).</summary>
    PasidCache,

    /// <summary>All translations of the unit (6.5.2.3, global).</summary>
    Iotlb,

    /// <summary>All translations of a domain (6.5.2.3, domain-selective).</summary>
    IotlbDomain,

    /// <summary>Translations of a block of pages of a domain (6.5.2.3, page-selective within domain).</summary>
    IotlbPages,

    /// <summary>Translations of a block of pages that a device keeps (6.5.2.5).</summary>
    DeviceTlb,
}

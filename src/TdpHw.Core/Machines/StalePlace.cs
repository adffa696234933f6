namespace TdpHw.Core.Machines;

/// <summary>Where a translation was cached that the tables no longer hold.</summary>
public enum StalePlace
{
    /// <summary>A vCPU's TLB.</summary>
    CpuTlb,

    /// <summary>A vCPU's paging-structure caches: the walk went on in a table that is no longer linked there.</summary>
    CpuPagingStructures,

    /// <summary>A unit's IOTLB.</summary>
    Iotlb,

    /// <summary>A unit's paging-structure caches.</summary>
    IommuPagingStructures,

    /// <summary>A device's own TLB.</summary>
    DeviceTlb,
}

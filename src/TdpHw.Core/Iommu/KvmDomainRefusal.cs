namespace TdpHw.Core.Iommu;

/// <summary>Why a VT-d unit can't take a page table that KVM exports as a domain.</summary>
public enum KvmDomainRefusal
{
    /// <summary>It can.</summary>
    None,

    /// <summary>The unit can't keep accesses to the tables and pages coherent with the caches.</summary>
    Coherency,

    /// <summary>The unit lacks a page size that the table may use.</summary>
    Superpage,

    /// <summary>The unit has no walk of as many levels.</summary>
    Agaw,

    /// <summary>The unit takes addresses narrower than the table translates.</summary>
    Mgaw,
}

namespace TdpHw.Core.Tests.Kvm.Traces;

/// <summary>The kernel's trace events that say something of an EPT.</summary>
internal enum TraceEventKind
{
    /// <summary>A vCPU loads a root (the probe <c>ld</c>).</summary>
    RootLoaded,

    /// <summary>An EPT violation (<c>kvm_page_fault</c>).</summary>
    PageFault,

    /// <summary>What came of trying to mend an entry without the lock (<c>fast_page_fault</c>).</summary>
    FastPageFault,

    /// <summary>An entry was changed (<c>kvm_tdp_mmu_spte_changed</c>).</summary>
    EntryChanged,

    /// <summary>A fault mapped a page (<c>kvm_mmu_set_spte</c>); follows the change of the entry.</summary>
    PageMapped,

    /// <summary>A fault made an entry of emulated MMIO (<c>mark_mmio_spte</c>); follows the change of the entry.</summary>
    MmioMarked,

    /// <summary>A huge page was split (<c>kvm_mmu_split_huge_page</c>); follows the change of the entry.</summary>
    HugePageSplit,

    /// <summary>The host takes pages away (<c>kvm_unmap_hva_range</c>).</summary>
    HostUnmapped,

    /// <summary>The host asks which pages were used (<c>kvm_age_hva</c>).</summary>
    HostAged,
}

namespace TdpHw.Core.Kvm;

/// <summary>What host and user space decide about a VM when it is made.</summary>
public sealed record VmSettings
{
    /// <summary>Levels of the deepest EPT that the processor walks: 4 or 5.</summary>
    public int MaxLevels { get; init; } = 4;

    /// <summary>Whether KVM uses the TDP MMU (module parameter tdp_mmu).</summary>
    public bool UsesTdpMmu { get; init; } = true;

    /// <summary>Whether the kernel is built for Hyper-V guests, whose TLB flushes the export does not know (CONFIG_HYPERV).</summary>
    public bool IsHyperVBuild { get; init; }

    /// <summary>Whether huge pages are not executable, and split where the guest executes (module parameter nx_huge_pages).</summary>
    public bool SplitsExecutedHugePages { get; init; }

    /// <summary>Who fills the importer's table.</summary>
    public Serving Serving { get; init; }
}

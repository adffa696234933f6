namespace TdpHw.Core.Machines;

/// <summary>What can happen on a machine.</summary>
public enum MachineEventKind
{
    /// <summary>A vCPU met an EPT violation, which KVM handled.</summary>
    EptViolation,

    /// <summary>A vCPU's access was emulated as MMIO.</summary>
    MmioExit,

    /// <summary>A leaf was mapped.</summary>
    Mapped,

    /// <summary>Leaves were zapped.</summary>
    Zapped,

    /// <summary>A table page was freed.</summary>
    TableFreed,

    /// <summary>A huge page was split.</summary>
    Split,

    /// <summary>A root was made.</summary>
    RootCreated,

    /// <summary>A root was freed.</summary>
    RootFreed,

    /// <summary>A root was exported.</summary>
    Exported,

    /// <summary>An export was released.</summary>
    Released,

    /// <summary>The vCPUs' TLBs were flushed.</summary>
    CpuFlush,

    /// <summary>An importer was told of a flush.</summary>
    ImporterNotified,

    /// <summary>A unit was given a descriptor of an invalidation.</summary>
    Invalidation,

    /// <summary>A unit received a page request.</summary>
    PageRequest,

    /// <summary>A page request was answered.</summary>
    PageResponse,

    /// <summary>A unit recorded a fault.</summary>
    DmaFault,

    /// <summary>A translation was used that the tables no longer held.</summary>
    StaleHit,

    /// <summary>A walk read an entry of a freed table page.</summary>
    FreedTableRead,

    /// <summary>The kernel would warn.</summary>
    Warning,
}

using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>A fault on guest memory while it is handled. (Linux 6.7 mmu_internal.h, struct kvm_page_fault.)</summary>
internal struct PageFault
{
    /// <summary>The largest level that KVM maps (KVM_MAX_HUGEPAGE_LEVEL).</summary>
    public const int MaxHugePageLevel = 3;

    /// <summary>The guest frame.</summary>
    public required ulong Gfn { get; init; }

    /// <summary>Whether the access was a write.</summary>
    public bool IsWrite { get; init; }

    /// <summary>Whether it was an instruction fetch.</summary>
    public bool IsFetch { get; init; }

    /// <summary>Whether an entry was present (PFERR_PRESENT).</summary>
    public bool IsPresent { get; init; }

    /// <summary>Whether a device faulted: no vCPU is at hand.</summary>
    public bool IsFromDevice { get; init; }

    /// <summary>Whether a nested guest faulted.</summary>
    public bool IsFromGuestMode { get; init; }

    /// <summary>The table that the device walks, where it is one of its importer's own.</summary>
    public ITableMirror? Mirror { get; init; }

    /// <summary>Whether huge pages are not executable on this host, so that executed ones are split.</summary>
    public bool SplitsExecutedHugePages { get; init; }

    /// <summary>The largest level that the fault may be served with.</summary>
    public int MaxLevel { get; set; }

    /// <summary>The level that memory and slot would allow.</summary>
    public int RequestedLevel { get; set; }

    /// <summary>The level that the fault is served with.</summary>
    public int GoalLevel { get; set; }

    /// <summary>Whether a huge page is refused because the guest executes from it.</summary>
    public bool IsHugePageDisallowed { get; set; }

    /// <summary>The slot; null for emulated MMIO.</summary>
    public MemorySlot? Slot { get; set; }

    /// <summary>
    /// The slots that were looked at: an entry for emulated MMIO is of their generation, so that a slot that comes in between makes
    /// it old.
    /// </summary>
    public MemorySlots Slots { get; set; }

    /// <summary>Where the 4-KiB page lies, or the huge page once it was decided for one.</summary>
    public HostPhysicalAddress Frame { get; set; }

    /// <summary>Whether the host maps the page writable.</summary>
    public bool IsHostWritable { get; set; }

    /// <summary>The host's unmappings that had ended when the page was looked up.</summary>
    public ulong UnmapSequence { get; set; }

    /// <summary>Forgets what was decided, to begin anew.</summary>
    public void Reset()
    {
        MaxLevel = MaxHugePageLevel;
        RequestedLevel = 1;
        GoalLevel = 1;
        IsHugePageDisallowed = false;
        Slot = null;
        Slots = MemorySlots.None;
        Frame = default;
        IsHostWritable = false;
    }
}

using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

/// <summary>A range of guest memory. It stands in every address space of the VM, as user space installs it.</summary>
public sealed class MemorySlot
{
    private readonly SharedValue<FrameRanges> _tracked;
    private readonly SharedValue<bool> _isInvalid;
    private readonly DirtyLog? _dirty;

    internal MemorySlot(int id, in MemorySlotSettings settings, HostMapping host, Interleaving? interleaving)
    {
        _tracked = new SharedValue<FrameRanges>(interleaving, FrameRanges.None);
        _isInvalid = new SharedValue<bool>(interleaving, false);
        Id = id;
        FirstGfn = settings.Start.Value / HostMemory.PageSize;
        FrameCount = settings.Size / HostMemory.PageSize;
        IsReadOnly = settings.IsReadOnly;
        IsPrivate = settings.IsPrivate;
        Host = host;
        if (settings.LogsDirty)
        {
            _dirty = new DirtyLog(interleaving);
        }
    }

    /// <summary>Counts the slots of a VM from 0, in the order in which they were made.</summary>
    public int Id { get; }

    /// <summary>The first guest frame.</summary>
    public ulong FirstGfn { get; }

    /// <summary>How many guest frames there are.</summary>
    public ulong FrameCount { get; }

    /// <summary>The last guest frame.</summary>
    public ulong LastGfn => FirstGfn + FrameCount - 1;

    /// <summary>Whether the guest may only read it; writes are emulated.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Whether KVM keeps it to itself (a task-state segment, an identity map).</summary>
    public bool IsPrivate { get; }

    /// <summary>Whether writes are logged.</summary>
    public bool LogsDirty => _dirty is not null;

    /// <summary>How the host maps it.</summary>
    internal HostMapping Host { get; }

    /// <summary>Whether it is being deleted.</summary>
    internal bool IsInvalid
    {
        get => _isInvalid.Value;
        set => _isInvalid.Value = value;
    }

    /// <summary>Whether a guest frame is in the slot.</summary>
    public bool Contains(ulong gfn) => gfn - FirstGfn < FrameCount;

    /// <summary>
    /// The largest level whose page around a guest frame lies in the slot, is aligned like the host's, and has no tracked frame.
    /// (Linux 6.7 x86.c, kvm_alloc_memslot_metadata; mmu.c, kvm_mmu_max_mapping_level.)
    /// </summary>
    internal int MaxLevel(ulong gfn, int maximum)
    {
        int level = Math.Min(maximum, Host.Level);
        for (; level > 1; level--)
        {
            ulong frames = 1ul << (TdpPage.IndexBits * (level - 1));
            ulong first = gfn & ~(frames - 1);

            // The host maps the slot from a multiple of its largest page: both sides are aligned alike when the slot is aligned.
            if (FirstGfn % frames == 0 && first >= FirstGfn && first + frames - 1 <= LastGfn && !HasTracked(first, frames))
            {
                break;
            }
        }

        return level;
    }

    /// <summary>Whether writes to a guest frame are tracked, and so emulated.</summary>
    internal bool IsTracked(ulong gfn) => _tracked.Value.Overlaps(gfn, gfn);

    /// <summary>Tracks writes to guest frames; one thread at a time does.</summary>
    /// <returns>How many were not tracked before.</returns>
    internal ulong Track(ulong first, ulong last)
    {
        FrameRanges now = _tracked.Value.With(first, last, out ulong added);
        _tracked.Value = now;
        return added;
    }

    /// <summary>Logs a write, if writes are logged.</summary>
    internal void MarkDirty(ulong gfn) => _dirty?.Mark(gfn - FirstGfn);

    /// <summary>Takes the log of a guest frame.</summary>
    /// <returns>Whether it was written since the last time.</returns>
    internal bool TakeDirty(ulong gfn) => _dirty is not null && _dirty.Take(gfn - FirstGfn);

    /// <summary>The guest frames from <paramref name="first"/> to <paramref name="last"/> that are logged now, lowest first.</summary>
    internal IEnumerable<ulong> DirtyFrames(ulong first, ulong last) =>
        _dirty?.Marked(first - FirstGfn, last - FirstGfn).Select(offset => FirstGfn + offset) ?? [];

    private bool HasTracked(ulong first, ulong frames) => _tracked.Value.Overlaps(first, first + frames - 1);
}

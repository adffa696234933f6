using System.Collections.Immutable;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>
/// How the VM's process maps the memory behind a slot: pages of one size, each given a frame when it is first needed and losing
/// it when the host unmaps it. What was unmapped gets another frame the next time.
/// </summary>
/// <remarks>
/// Faults take no lock. What a fault finds or takes while the host unmaps it may be gone when it returns, as with a lock: whoever
/// maps it asks whether the host has unmapped anything since.
/// </remarks>
/// <param name="machine">Where the frames come from.</param>
/// <param name="level">The size of the host's pages, as a level: 1 for 4 KiB, 2 for 2 MiB, 3 for 1 GiB.</param>
/// <param name="addressBits">How wide the frames' addresses may be.</param>
internal sealed class HostMapping(Machine machine, int level, int addressBits)
{
    // Held by who takes pages away.
    private readonly Lock _lock = new();

    private HostBlocks _blocks = new(level);
    private ImmutableHashSet<ulong> _poisoned = [];

    /// <summary>The size of the host's pages, as a level.</summary>
    public int Level
    {
        get
        {
            machine.Interleaving?.Before(this, 0, writes: false);
            return Volatile.Read(ref _blocks).Level;
        }
    }

    /// <summary>Makes a page present.</summary>
    /// <param name="offset">Which 4-KiB page of the slot.</param>
    /// <param name="frame">Where it lies.</param>
    public HostPageState FaultIn(ulong offset, out HostPhysicalAddress frame)
    {
        while (true)
        {
            // Only found, which all may do at once.
            machine.Interleaving?.Before(this, 0, writes: false);
            if (Find(offset, out frame) is HostPageState found)
            {
                return found;
            }

            machine.Interleaving?.Before(this, 0, writes: true);
            if (Take(offset, out frame) is HostPageState taken)
            {
                return taken;
            }
        }
    }

    /// <summary>The range of 4-KiB pages that the host must unmap to unmap some: whole pages of its own size.</summary>
    public (ulong First, ulong Last) Round(ulong first, ulong last)
    {
        ulong offset = (1ul << ShiftOf(Level)) - 1;
        return (first & ~offset, last | offset);
    }

    /// <summary>Gives the frames of a range of whole host pages back; if of all, the host may go on with pages of another size.</summary>
    public void Unmap(ulong first, ulong last, int? newLevel = null)
    {
        machine.Interleaving?.Before(this, 0, writes: true);
        lock (_lock)
        {
            HostBlocks blocks = _blocks;
            if (newLevel is int changed)
            {
                // First: who gives a frame to a page of the old size after its turn here sees that the size is old.
                Interlocked.Exchange(ref _blocks, new HostBlocks(changed));
            }

            Return(blocks, first, last);
            Volatile.Write(ref _poisoned, _poisoned.Except(_poisoned.Where(p => p >= first && p <= last)));
        }
    }

    /// <summary>
    /// Gives the frames of a range of whole host pages back because a 4-KiB page of them is broken. One step: a fault between the
    /// two would get sound memory in the broken page's place.
    /// </summary>
    /// <param name="first">The first 4-KiB page of the range.</param>
    /// <param name="last">The last one.</param>
    /// <param name="broken">The broken one.</param>
    public void Poison(ulong first, ulong last, ulong broken)
    {
        machine.Interleaving?.Before(this, 0, writes: true);
        lock (_lock)
        {
            Interlocked.Exchange(ref _poisoned, _poisoned.Add(broken));
            Return(_blocks, first, last);
        }
    }

    /// <summary>Whether the frame behind a 4-KiB page is <paramref name="frame"/>.</summary>
    public bool IsAt(ulong offset, HostPhysicalAddress frame)
    {
        machine.Interleaving?.Before(this, 0, writes: false);
        HostBlocks blocks = Volatile.Read(ref _blocks);
        ulong start = blocks.Find(offset >> ShiftOf(blocks.Level));
        return start != 0 && FrameIn(blocks, start, offset) == frame;
    }

    /// <returns>Null when it must be taken.</returns>
    private HostPageState? Find(ulong offset, out HostPhysicalAddress frame)
    {
        HostBlocks blocks = Volatile.Read(ref _blocks);
        ulong start = blocks.Find(offset >> ShiftOf(blocks.Level));

        // Asked last: a frame that is there though the page is broken was given for another page.
        bool isPoisoned = IsPoisoned(offset);
        frame = start == 0 || isPoisoned ? default : FrameIn(blocks, start, offset);
        return isPoisoned ? HostPageState.Poisoned : start != 0 ? HostPageState.Present : null;
    }

    /// <returns>Null when the host changed the page in the meantime.</returns>
    private HostPageState? Take(ulong offset, out HostPhysicalAddress frame)
    {
        frame = default;
        HostBlocks blocks = Volatile.Read(ref _blocks);
        ulong block = offset >> ShiftOf(blocks.Level);
        if (blocks.Find(block) != 0 || IsPoisoned(offset))
        {
            return null;
        }

        ulong size = (ulong)HostMemory.PageSize << ShiftOf(blocks.Level);
        if (!machine.Frames.TryTakeBlock(size, addressBits, out HostPhysicalAddress start))
        {
            return HostPageState.OutOfMemory;
        }

        if (blocks.Give(block, start.Value) != start.Value)
        {
            machine.Frames.ReturnBlock(start, size);
            return null;
        }

        if (Volatile.Read(ref _blocks) == blocks && !IsPoisoned(offset))
        {
            frame = FrameIn(blocks, start.Value, offset);
            return HostPageState.Present;
        }

        if (blocks.TryTakeBack(block, start.Value))
        {
            machine.Frames.ReturnBlock(start, size);
        }

        return null;
    }

    private bool IsPoisoned(ulong offset) => Volatile.Read(ref _poisoned) is { Count: not 0 } poisoned && poisoned.Contains(offset);

    private void Return(HostBlocks blocks, ulong first, ulong last)
    {
        // Whole pages alone: where the host went on with larger ones since the range was rounded, the tables may still lead there.
        int shift = ShiftOf(blocks.Level);
        ulong offset = (1ul << shift) - 1;
        if (last < offset)
        {
            return;
        }

        foreach (ulong start in blocks.TakeBack((first + offset) >> shift, (last - offset) >> shift))
        {
            machine.Frames.ReturnBlock(new(start), (ulong)HostMemory.PageSize << shift);
        }
    }

    private static HostPhysicalAddress FrameIn(HostBlocks blocks, ulong start, ulong offset) =>
        new(start + ((offset & ((1ul << ShiftOf(blocks.Level)) - 1)) * HostMemory.PageSize));

    private static int ShiftOf(int level) => TdpPage.IndexBits * (level - 1);
}

using System.Runtime.InteropServices;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>
/// How the VM's process maps the memory behind a slot: pages of one size, each given a frame when it is first needed and losing
/// it when the host unmaps it. What was unmapped gets another frame the next time.
/// </summary>
/// <param name="machine">Where the frames come from.</param>
/// <param name="level">The size of the host's pages, as a level: 1 for 4 KiB, 2 for 2 MiB, 3 for 1 GiB.</param>
/// <param name="addressBits">How wide the frames' addresses may be.</param>
internal sealed class HostMapping(Machine machine, int level, int addressBits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, HostPhysicalAddress> _blocks = [];
    private readonly HashSet<ulong> _poisoned = [];

    private int _level = level;

    /// <summary>The size of the host's pages, as a level.</summary>
    public int Level
    {
        get
        {
            machine.Interleaving?.Before(this, 0, writes: false);
            return Volatile.Read(ref _level);
        }
    }

    private ulong FramesPerBlock => 1ul << BlockShift;

    private int BlockShift => ShiftOf(_level);

    /// <summary>Makes a page present.</summary>
    /// <param name="offset">Which 4-KiB page of the slot.</param>
    /// <param name="frame">Where it lies.</param>
    public HostPageState FaultIn(ulong offset, out HostPhysicalAddress frame)
    {
        // Who orders steps must know whether a page is only found, which all may do at once, or taken.
        if (machine.Interleaving is { } interleaving)
        {
            interleaving.Before(this, 0, writes: false);
            lock (_lock)
            {
                if (Find(offset, out frame) is HostPageState state)
                {
                    return state;
                }
            }

            interleaving.Before(this, 0, writes: true);
        }

        lock (_lock)
        {
            return FindOrTake(offset, out frame);
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
            Return(first, last);
            _poisoned.RemoveWhere(p => p >= first && p <= last);
            _level = newLevel ?? _level;
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
            Return(first, last);
            _poisoned.Add(broken);
        }
    }

    /// <summary>Whether the frame behind a 4-KiB page is <paramref name="frame"/>.</summary>
    public bool IsAt(ulong offset, HostPhysicalAddress frame)
    {
        machine.Interleaving?.Before(this, 0, writes: false);
        lock (_lock)
        {
            return _blocks.TryGetValue(offset >> BlockShift, out HostPhysicalAddress start) && FrameIn(start, offset) == frame;
        }
    }

    private HostPageState? Find(ulong offset, out HostPhysicalAddress frame)
    {
        frame = default;
        if (_poisoned.Contains(offset))
        {
            return HostPageState.Poisoned;
        }

        if (!_blocks.TryGetValue(offset >> BlockShift, out HostPhysicalAddress start))
        {
            return null;
        }

        frame = FrameIn(start, offset);
        return HostPageState.Present;
    }

    private HostPageState FindOrTake(ulong offset, out HostPhysicalAddress frame)
    {
        frame = default;
        if (_poisoned.Contains(offset))
        {
            return HostPageState.Poisoned;
        }

        ulong block = offset >> BlockShift;
        ref HostPhysicalAddress start = ref CollectionsMarshal.GetValueRefOrAddDefault(_blocks, block, out bool isThere);
        if (!isThere && !machine.Frames.TryTakeBlock(FramesPerBlock * HostMemory.PageSize, addressBits, out start))
        {
            _blocks.Remove(block);
            return HostPageState.OutOfMemory;
        }

        frame = FrameIn(start, offset);
        return HostPageState.Present;
    }

    private void Return(ulong first, ulong last)
    {
        // Whole pages alone: where the host went on with larger ones since the range was rounded, the tables may still lead there.
        ulong offset = FramesPerBlock - 1;
        if (last < offset)
        {
            return;
        }

        foreach (ulong block in BlocksIn((first + offset) / FramesPerBlock, (last - offset) / FramesPerBlock))
        {
            if (_blocks.Remove(block, out HostPhysicalAddress start))
            {
                machine.Frames.ReturnBlock(start, FramesPerBlock * HostMemory.PageSize);
            }
        }
    }

    private HostPhysicalAddress FrameIn(HostPhysicalAddress block, ulong offset) =>
        new(block.Value + ((offset & (FramesPerBlock - 1)) * HostMemory.PageSize));

    private static int ShiftOf(int level) => TdpPage.IndexBits * (level - 1);

    private IEnumerable<ulong> BlocksIn(ulong first, ulong last)
    {
        if (last - first >= (ulong)_blocks.Count)
        {
            return _blocks.Keys.Where(b => b >= first && b <= last).ToArray();
        }

        return Enumerable.Range(0, (int)(last - first) + 1).Select(i => first + (ulong)i);
    }
}

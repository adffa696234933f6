using System.Numerics;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

internal sealed partial class SecondStageTable
{
    /// <summary>Maps a page, in smaller ones where the unit has none so large.</summary>
    /// <param name="gfn">The page's first guest frame.</param>
    /// <param name="frame">Where the page lies.</param>
    /// <param name="level">The page's level.</param>
    /// <param name="isWritable">Whether devices may write it.</param>
    /// <returns>EFAULT when address or frame is misaligned or wider than table and unit take; ENOMEM.</returns>
    public Errno Map(ulong gfn, HostPhysicalAddress frame, int level, bool isWritable) =>
        ((gfn << PageShift) & (SizeOf(level) - 1)) == 0 && (frame.Value & (SizeOf(level) - 1)) == 0
            ? MapPages(gfn, frame, SizeOf(level) >> PageShift, isWritable, out _)
            : Errno.EFAULT;

    /// <summary>
    /// Maps a run of 4-KiB pages, one behind the other in the guest and in the host: in pages as large as their places and the unit
    /// allow, with one walk for each table. What was mapped there otherwise is replaced, and flushed once.
    /// </summary>
    /// <param name="gfn">The first guest frame.</param>
    /// <param name="frame">Where the first page lies.</param>
    /// <param name="count">How many pages there are; 0 maps nothing.</param>
    /// <param name="isWritable">Whether devices may write them.</param>
    /// <param name="mapped">
    /// How many pages, from the first one on, are mapped so when this returns: all of them; none for EFAULT or once the table is
    /// freed; for ENOMEM those before the first that lacked a table. They stay, since what they replaced is gone: whoever wants all
    /// or none unmaps them.
    /// </param>
    /// <returns>EFAULT when a frame is misaligned or one of them wider than table and unit take; ENOMEM.</returns>
    public Errno MapPages(ulong gfn, HostPhysicalAddress frame, ulong count, bool isWritable, out ulong mapped)
    {
        mapped = 0;
        if (count == 0)
        {
            return Errno.None;
        }

        ulong last = gfn + (count - 1);
        if (last < gfn
            || last >> (ShiftOf(Levels + 1) - PageShift) != 0
            || (frame.Value & (HostMemory.PageSize - 1)) != 0
            || ((frame.Value >> PageShift) + (count - 1)) >> (_rules.OutputBits - PageShift) != 0)
        {
            return Errno.EFAULT;
        }

        var run = new Run(gfn << PageShift, frame.Value, count << PageShift, isWritable);
        Errno error = Map(ref run);
        mapped = count - (run.Left >> PageShift);
        return error;
    }

    private Errno Map(ref Run run)
    {
        using (_gate.EnterShared())
        {
            if (_isFreed)
            {
                return Errno.None;
            }

            if (TryMapShared(ref run, out Errno error))
            {
                return error;
            }
        }

        // Something else is mapped there, which must be flushed before its tables are freed.
        using SharedGate.Held held = _gate.EnterExclusive();
        return _isFreed ? Errno.None : MapAlone(ref run);
    }

    /// <summary>Maps what is left of a run as far as nothing else is mapped there.</summary>
    /// <returns>Whether that was all, or there was no memory for more.</returns>
    private bool TryMapShared(ref Run run, out Errno error)
    {
        error = Errno.None;
        while (run.Left != 0)
        {
            int level = PageLevelFor(run);
            TableEntries table = Reach(run.Address, level, out int reached);
            if (reached == 0)
            {
                error = Errno.ENOMEM;
                return true;
            }

            // Shared, the lock keeps what is mapped where it is.
            bool goesOn = reached == level
                ? TryFill(ref run, table, level)
                : TrySkip(ref run, new(table.Read(IndexOf(run.Address, reached))), reached);
            if (!goesOn)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Fills the entries of a table that are empty with a run's pages, up to the end of either.</summary>
    /// <returns>Whether those that were not empty map the pages already.</returns>
    private bool TryFill(ref Run run, in TableEntries table, int level)
    {
        ulong size = SizeOf(level);
        int index = IndexOf(run.Address, level);
        int end = index + EntriesFor(run, level);
        while (index < end)
        {
            // The address stands in the entry as it is: the next page's entry is greater by its size.
            int filled = table.Fill(index, end - index, ComposeLeaf(new(run.Frame), level, run.IsWritable).Raw, size);
            run.Advance((ulong)filled * size);
            index += filled;
            if (index < end && !TrySkip(ref run, new(table.Read(index++)), level))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Maps what is left of a run in place of whatever is mapped there, and flushes that.</summary>
    private Errno MapAlone(ref Run run)
    {
        var changed = ChangedRange.None;
        Errno error = Errno.None;
        _machine.BeginChange();
        while (run.Left != 0 && error == Errno.None)
        {
            int level = PageLevelFor(run);
            TableEntries table = Reach(run.Address, level, out int reached);
            if (reached == level)
            {
                Replace(ref run, table, level, ref changed);
            }
            else if (reached == 0 || !TryPassLarger(ref run, table, reached))
            {
                error = Errno.ENOMEM;
            }
        }

        Flush(changed);
        FreeUnlinked();
        _machine.EndChange();
        return error;
    }

    /// <summary>Puts a run's pages in place of whatever a table's entries hold, up to the end of either.</summary>
    private void Replace(ref Run run, in TableEntries table, int level, ref ChangedRange changed)
    {
        int index = IndexOf(run.Address, level);
        for (int end = index + EntriesFor(run, level); index < end; index++)
        {
            if (TrySkip(ref run, new(table.Peek(index)), level))
            {
                continue;
            }

            var old = new VtdSecondStageEntry(table.Exchange(index, ComposeLeaf(new(run.Frame), level, run.IsWritable).Raw));
            if (IsPresent(old))
            {
                changed.Add(run.Address, SizeOf(level));
                if (IsTable(old, level))
                {
                    Unlink(old.Address, level - 1);
                }
            }

            run.Advance(SizeOf(level));
        }
    }

    /// <summary>Goes over a page that is larger than the run's, as far as it maps the run already, or splits it where it does not.</summary>
    /// <returns>Whether there was memory.</returns>
    private bool TryPassLarger(ref Run run, in TableEntries table, int level)
    {
        int index = IndexOf(run.Address, level);
        return TrySkip(ref run, new(table.Peek(index)), level) || TrySplit(table, index, level);
    }

    /// <summary>How many of a table's entries a run goes on with in pages of its level.</summary>
    private static int EntriesFor(in Run run, int level) =>
        (int)Math.Min((ulong)(HostMemory.EntriesPerPage - IndexOf(run.Address, level)), run.Left / SizeOf(level));

    /// <summary>Goes over what is left of a run as far as a leaf maps it already.</summary>
    /// <returns>Whether the leaf maps it, with the same rights.</returns>
    private static bool TrySkip(ref Run run, VtdSecondStageEntry leaf, int level)
    {
        ulong offset = run.Address & (SizeOf(level) - 1);
        if (!IsLeaf(leaf, level) || leaf.Write != run.IsWritable || leaf.Address.Value + offset != run.Frame)
        {
            return false;
        }

        run.Advance(Math.Min(run.Left, SizeOf(level) - offset));
        return true;
    }

    /// <summary>The level of the largest page that the unit has and that a run can go on with.</summary>
    private int PageLevelFor(in Run run)
    {
        int level = BitOperations.Log2((uint)_pageLevels);
        while (!HasPage(level) || run.Left < SizeOf(level) || ((run.Address | run.Frame) & (SizeOf(level) - 1)) != 0)
        {
            level--;
        }

        return level;
    }

    /// <summary>
    /// Goes to the table of a level that serves an address, making the tables on the way that are missing, or, where a larger page
    /// is in the way, to the table of that.
    /// </summary>
    /// <param name="address">The address.</param>
    /// <param name="level">The level.</param>
    /// <param name="reached">The level of the table; 0 when there was no memory.</param>
    private TableEntries Reach(ulong address, int level, out int reached)
    {
        TableEntries table = _machine.Memory.EntriesOf(Root);
        reached = Levels;
        while (reached > level)
        {
            int index = IndexOf(address, reached);
            var entry = new VtdSecondStageEntry(table.Read(index));
            if (IsTable(entry, reached))
            {
                table = _machine.Memory.EntriesOf(entry.Address);
                reached--;
            }
            else if (IsPresent(entry))
            {
                break;
            }
            else if (!TryLink(table, index, entry))
            {
                reached = 0;
            }
        }

        return table;
    }

    /// <summary>Puts an empty table in place of an entry that is not present, unless another thread puts something there.</summary>
    /// <returns>Whether there was memory.</returns>
    private bool TryLink(in TableEntries table, int index, VtdSecondStageEntry entry)
    {
        if (!_machine.TryAllocateTable(out HostPhysicalAddress child))
        {
            return false;
        }

        if (TryChange(table, index, entry, ComposeTable(child)))
        {
            CountTable(+1);
        }
        else
        {
            _machine.FreeTable(child);
        }

        return true;
    }

    /// <summary>
    /// Puts the parts of a large page in its place. They translate as it did, so that nothing is flushed; flags that the hardware
    /// set in it are set in each part.
    /// </summary>
    private bool TrySplit(in TableEntries table, int index, int level)
    {
        if (!_machine.TryAllocateTable(out HostPhysicalAddress child))
        {
            return false;
        }

        CountTable(+1);
        TableEntries parts = _machine.Memory.EntriesOf(child);
        VtdSecondStageEntry old;
        do
        {
            old = new(table.Read(index));
            for (int part = 0; part < HostMemory.EntriesPerPage; part++)
            {
                parts.Prepare(part, old
                    .WithPageSize(level - 1 > SmallestPage)
                    .WithAddress(new(old.Address.Value + ((ulong)part * SizeOf(level - 1))))
                    .Raw);
            }
        }
        while (!TryChange(table, index, old, ComposeTable(child)));
        return true;
    }

    /// <summary>What of a run of pages is still to be mapped.</summary>
    private struct Run(ulong address, ulong frame, ulong size, bool isWritable)
    {
        public readonly bool IsWritable = isWritable;

        /// <summary>The next guest address.</summary>
        public ulong Address = address;

        /// <summary>The host's address of the next page.</summary>
        public ulong Frame = frame;

        /// <summary>How many bytes are left.</summary>
        public ulong Left = size;

        public void Advance(ulong size)
        {
            Address += size;
            Frame += size;
            Left -= size;
        }
    }
}

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
    public Errno Map(ulong gfn, HostPhysicalAddress frame, int level, bool isWritable)
    {
        ulong first = gfn << PageShift;
        ulong last = first + SizeOf(level) - 1;
        if (gfn >> (64 - PageShift) != 0
            || last >> ShiftOf(Levels + 1) != 0
            || ((first | frame.Value) & (SizeOf(level) - 1)) != 0
            || (frame.Value + SizeOf(level) - 1) >> _rules.OutputBits != 0)
        {
            return Errno.EFAULT;
        }

        int pageLevel = level;
        while (!HasPage(_rules, pageLevel))
        {
            pageLevel--;
        }

        for (ulong offset = 0; offset < SizeOf(level); offset += SizeOf(pageLevel))
        {
            Errno error = MapPage(first + offset, ComposeLeaf(new(frame.Value + offset), pageLevel, isWritable), pageLevel);
            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.None;
    }

    private Errno MapPage(ulong address, VtdSecondStageEntry leaf, int level)
    {
        using (_gate.EnterShared())
        {
            if (_isFreed)
            {
                return Errno.None;
            }

            if (TryMapShared(address, leaf, level, out Errno error))
            {
                return error;
            }
        }

        // Something else is mapped there, which must be flushed before its tables are freed.
        using SharedGate.Held held = _gate.EnterExclusive();
        return _isFreed ? Errno.None : MapAlone(address, leaf, level);
    }

    /// <summary>Maps a page where nothing is mapped.</summary>
    /// <returns>Whether that was so, or the page was there already.</returns>
    private bool TryMapShared(ulong address, VtdSecondStageEntry leaf, int level, out Errno error)
    {
        error = Errno.None;
        HostPhysicalAddress table = Root;
        int tableLevel = Levels;
        while (true)
        {
            int index = IndexOf(address, tableLevel);
            VtdSecondStageEntry entry = Read(table, index);
            if (IsTable(entry, tableLevel) && tableLevel > level)
            {
                (table, tableLevel) = (entry.Address, tableLevel - 1);
            }
            else if (IsPresent(entry))
            {
                return IsLeaf(entry, tableLevel) && MapsAlike(entry, tableLevel, address, leaf);
            }
            else if (tableLevel == level)
            {
                if (TryChange(table, index, entry, leaf))
                {
                    return true;
                }
            }
            else if (!TryLink(table, index, entry))
            {
                error = Errno.ENOMEM;
                return true;
            }
        }
    }

    /// <summary>Puts an empty table in place of an entry that is not present, unless another thread puts something there.</summary>
    /// <returns>Whether there was memory.</returns>
    private bool TryLink(HostPhysicalAddress table, int index, VtdSecondStageEntry entry)
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

    /// <summary>Maps a page in place of whatever is mapped there, and flushes that.</summary>
    private Errno MapAlone(ulong address, VtdSecondStageEntry leaf, int level)
    {
        HostPhysicalAddress table = Root;
        for (int tableLevel = Levels; tableLevel > level; tableLevel--)
        {
            int index = IndexOf(address, tableLevel);
            VtdSecondStageEntry entry = Read(table, index);
            if (IsLeaf(entry, tableLevel))
            {
                if (MapsAlike(entry, tableLevel, address, leaf))
                {
                    return Errno.None;
                }

                if (!TrySplit(table, index, tableLevel))
                {
                    return Errno.ENOMEM;
                }
            }
            else if (!IsPresent(entry) && !TryLink(table, index, entry))
            {
                return Errno.ENOMEM;
            }

            table = Read(table, index).Address;
        }

        _machine.BeginChange();
        VtdSecondStageEntry old = Exchange(table, IndexOf(address, level), leaf);
        if (IsPresent(old))
        {
            bool wasTable = IsTable(old, level);
            Flush(address, address + SizeOf(level) - 1, wasTable);
            if (wasTable)
            {
                Free(old.Address, level - 1);
            }
        }

        _machine.EndChange();
        return Errno.None;
    }

    /// <summary>
    /// Puts the parts of a large page in its place. They translate as it did, so that nothing is flushed; flags that the hardware
    /// set in it are set in each part.
    /// </summary>
    private bool TrySplit(HostPhysicalAddress table, int index, int level)
    {
        if (!_machine.TryAllocateTable(out HostPhysicalAddress child))
        {
            return false;
        }

        CountTable(+1);
        VtdSecondStageEntry old;
        do
        {
            old = Read(table, index);
            for (int part = 0; part < HostMemory.EntriesPerPage; part++)
            {
                VtdSecondStageEntry leaf = old
                    .WithPageSize(level - 1 > SmallestPage)
                    .WithAddress(new(old.Address.Value + ((ulong)part * SizeOf(level - 1))));
                _machine.Memory.Write(AddressOf(child, part), leaf.Raw);
            }
        }
        while (!TryChange(table, index, old, ComposeTable(child)));
        return true;
    }

    /// <summary>Whether a leaf maps an address to where a wanted leaf would, with the same rights.</summary>
    private static bool MapsAlike(VtdSecondStageEntry leaf, int level, ulong address, VtdSecondStageEntry wanted) =>
        leaf.Write == wanted.Write
        && leaf.Address.Value + (address & (SizeOf(level) - 1)) == wanted.Address.Value;
}

using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

internal sealed partial class SecondStageTable
{
    // Tables that nothing leads to any more, whose pages wait for the flush. Whoever holds the lock alone has it to himself.
    private readonly List<HostPhysicalAddress> _unlinked = [];

    /// <summary>
    /// Unmaps every page that has a frame of a range: clears the entries, flushes, then frees the tables that became empty. When
    /// this returns, no device reaches the range.
    /// </summary>
    /// <returns>How many leaves were unmapped.</returns>
    public int Unmap(ulong firstGfn, ulong lastGfn)
    {
        ulong last = Math.Min(lastGfn, ulong.MaxValue >> (64 - ShiftOf(Levels + 1) + PageShift));
        if (firstGfn > last)
        {
            return 0;
        }

        using SharedGate.Held held = _gate.EnterExclusive();
        if (_isFreed)
        {
            return 0;
        }

        var sweep = new Sweep(firstGfn << PageShift, (last << PageShift) | (SizeOf(SmallestPage) - 1));
        _machine.BeginChange();
        Clear(_machine.Memory.EntriesOf(Root), Levels, 0, ref sweep);
        Flush(sweep.Changed);
        if (!sweep.Changed.IsEmpty && _machine.Observer is not null)
        {
            _machine.Report(
                MachineEventKind.Zapped, "importer", sweep.Changed.First, sweep.Changed.Size, $"{sweep.Leaves} leaves");
        }

        FreeUnlinked();
        _machine.EndChange();
        return sweep.Leaves;
    }

    /// <summary>Clears the leaves of a table that have an address of the range, and unlinks the tables that are empty then.</summary>
    /// <param name="table">The table.</param>
    /// <param name="level">Its level.</param>
    /// <param name="start">The first address that it translates.</param>
    /// <param name="sweep">The range, which has one address at least in common with the table's, and what was done.</param>
    /// <returns>Whether the table holds nothing any more.</returns>
    private bool Clear(in TableEntries table, int level, ulong start, ref Sweep sweep)
    {
        int from = sweep.First > start ? IndexOf(sweep.First, level) : 0;
        int to = sweep.Last - start < SizeOf(level + 1) ? IndexOf(sweep.Last, level) : HostMemory.EntriesPerPage - 1;
        bool isEmpty = true;
        if (level == SmallestPage)
        {
            int cleared = table.Clear(from, to, out int first, out int last);
            if (cleared != 0)
            {
                sweep.Leaves += cleared;
                sweep.Changed.Add(start + ((ulong)first << PageShift), (ulong)(last - first + 1) << PageShift);
            }
        }
        else
        {
            for (int index = from; index <= to; index++)
            {
                isEmpty &= Clear(table, index, level, start + ((ulong)index << ShiftOf(level)), ref sweep);
            }
        }

        return isEmpty && table.IsEmptyOutside(from, to);
    }

    /// <summary>Clears an entry above the lowest tables, if it is a leaf or its table is empty then.</summary>
    /// <returns>Whether it holds nothing any more.</returns>
    private bool Clear(in TableEntries table, int index, int level, ulong start, ref Sweep sweep)
    {
        var entry = new VtdSecondStageEntry(table.Peek(index));
        if (!IsPresent(entry))
        {
            return true;
        }

        bool isLeaf = IsLeaf(entry, level);
        if (!isLeaf && !Clear(_machine.Memory.EntriesOf(entry.Address), level - 1, start, ref sweep))
        {
            return false;
        }

        table.Write(index, 0);
        sweep.Changed.Add(start, SizeOf(level));
        if (isLeaf)
        {
            sweep.Leaves++;
        }
        else
        {
            _unlinked.Add(entry.Address);
        }

        return true;
    }

    /// <summary>Remembers a table, and those below it, that nothing leads to any more, to free them after the flush.</summary>
    private void Unlink(HostPhysicalAddress address, int level)
    {
        TableEntries table = _machine.Memory.EntriesOf(address);
        for (int index = 0; level > SmallestPage && index < HostMemory.EntriesPerPage; index++)
        {
            var entry = new VtdSecondStageEntry(table.Peek(index));
            if (IsTable(entry, level))
            {
                Unlink(entry.Address, level - 1);
            }
        }

        _unlinked.Add(address);
    }

    /// <summary>Has units and devices forget what was changed, if anything was.</summary>
    private void Flush(in ChangedRange changed)
    {
        if (!changed.IsEmpty)
        {
            _machine.Counters.AddFlush();
            _flush(new TdpFlush(changed.First, changed.Size, _unlinked.Count != 0));
        }
    }

    /// <summary>Frees the tables that nothing leads to any more. They were flushed.</summary>
    private void FreeUnlinked()
    {
        foreach (HostPhysicalAddress table in _unlinked)
        {
            CountTable(-1);
            _machine.FreeTable(table);
        }

        _unlinked.Clear();
    }

    /// <summary>The addresses whose translation was changed, as one range.</summary>
    private struct ChangedRange
    {
        private ulong _last;

        public static ChangedRange None => new() { First = ulong.MaxValue };

        public ulong First { get; private set; }

        public readonly ulong Size => _last - First + 1;

        public readonly bool IsEmpty => First > _last;

        public void Add(ulong first, ulong size)
        {
            First = Math.Min(First, first);
            _last = Math.Max(_last, first + size - 1);
        }
    }

    /// <summary>The range that an unmapping clears, and what it has cleared so far.</summary>
    private struct Sweep(ulong first, ulong last)
    {
        public readonly ulong First = first;
        public readonly ulong Last = last;
        public ChangedRange Changed = ChangedRange.None;
        public int Leaves;
    }
}

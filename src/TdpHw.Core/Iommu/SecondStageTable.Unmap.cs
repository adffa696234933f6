using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

internal sealed partial class SecondStageTable
{
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
        Clear(Root, Levels, 0, ref sweep);
        if (sweep.HasCleared)
        {
            Flush(sweep.FirstCleared, sweep.LastCleared, sweep.Emptied.Count != 0);
            _machine.Report(
                MachineEventKind.Zapped,
                "importer",
                sweep.FirstCleared,
                sweep.LastCleared - sweep.FirstCleared + 1,
                $"{sweep.Leaves} leaves");
        }

        foreach (HostPhysicalAddress table in sweep.Emptied)
        {
            FreePage(table);
        }

        _machine.EndChange();
        return sweep.Leaves;
    }

    /// <summary>Clears the leaves of a table that have an address of the range, and unlinks the tables that are empty then.</summary>
    /// <returns>Whether the table holds nothing any more.</returns>
    private bool Clear(HostPhysicalAddress table, int level, ulong start, ref Sweep sweep)
    {
        bool isEmpty = true;
        for (int index = 0; index < HostMemory.EntriesPerPage; index++)
        {
            ulong first = start + ((ulong)index << ShiftOf(level));
            ulong last = first + SizeOf(level) - 1;
            VtdSecondStageEntry entry = ReadAlone(table, index);
            if (!IsPresent(entry))
            {
                continue;
            }

            if (last < sweep.First || first > sweep.Last)
            {
                isEmpty = false;
            }
            else if (IsLeaf(entry, level))
            {
                Exchange(table, index, default);
                sweep.Leaves++;
                sweep.Widen(first, last);
            }
            else if (Clear(entry.Address, level - 1, first, ref sweep))
            {
                Exchange(table, index, default);
                sweep.Emptied.Add(entry.Address);
                sweep.Widen(first, last);
            }
            else
            {
                isEmpty = false;
            }
        }

        return isEmpty;
    }

    private void Flush(ulong first, ulong last, bool freesTables)
    {
        _machine.Counters.AddFlush();
        _flush(new TdpFlush(first, last - first + 1, freesTables));
    }

    /// <summary>What an unmapping has cleared so far.</summary>
    private struct Sweep(ulong first, ulong last)
    {
        public readonly ulong First = first;
        public readonly ulong Last = last;
        public readonly List<HostPhysicalAddress> Emptied = [];
        public int Leaves;
        public ulong FirstCleared = ulong.MaxValue;
        public ulong LastCleared;

        public readonly bool HasCleared => FirstCleared <= LastCleared;

        public void Widen(ulong firstAddress, ulong lastAddress)
        {
            FirstCleared = Math.Min(FirstCleared, firstAddress);
            LastCleared = Math.Max(LastCleared, lastAddress);
        }
    }
}

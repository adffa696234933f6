using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

internal partial class TdpMmu
{
    private const int LargestMappedLevel = PageFault.MaxHugePageLevel;

    /// <summary>Zaps the leaves of a range in every root. The lock is held alone; the caller flushes.</summary>
    /// <returns>How many leaves there were.</returns>
    public int ZapLeaves(ulong first, ulong last) => _roots.Value.Where(r => r.IsValid).Sum(r => ZapLeaves(r, first, last));

    /// <summary>Zaps all leaves of exported roots and flushes for each that had some. The lock is held alone. (Series, patch 36.)</summary>
    public int ZapExportedRoots()
    {
        int zapped = 0;
        foreach (TdpRoot root in _roots.Value.Where(r => r.IsExported))
        {
            int leaves = ZapLeaves(root, 0, ulong.MaxValue);
            zapped += leaves;
            if (leaves != 0)
            {
                Flush(0, ulong.MaxValue, freesTables: false);
            }
        }

        return zapped;
    }

    /// <summary>Zaps everything below every root; nothing is flushed. The lock is held alone. (Linux 6.7, kvm_tdp_mmu_zap_all.)</summary>
    public int ZapAll() => _roots.Value.Sum(ZapRoot);

    /// <summary>
    /// Takes out the tables of a range whose memory could be mapped by a larger page, so that the next fault maps it so.
    /// (Linux 6.7, kvm_tdp_mmu_zap_collapsible_sptes.)
    /// </summary>
    /// <returns>How many tables were taken out.</returns>
    public int ZapCollapsible(MemorySlot slot, ulong first, ulong last)
    {
        using SharedGate.Held held = Lock.EnterShared();
        int zapped = 0;
        foreach (TdpRoot root in _roots.Value.Where(r => r.IsValid))
        {
            // Another fault or collapse may take a table out between reading the entry and going there.
            using ReadSide.Walk walk = ReadSide.Enter();
            zapped += ZapCollapsible(root, slot, first, last);
        }

        return zapped;
    }

    /// <summary>Takes out the tables of a range that stand there only because the guest executed from a huge page.</summary>
    /// <returns>How many tables were taken out.</returns>
    public int RecoverHugePages(ulong first, ulong last)
    {
        using SharedGate.Held held = Lock.EnterExclusive();
        TdpPage[] split;
        using (_pagesLock.Enter())
        {
            split = [.. _splitForExecution.Where(p => p.FirstGfn >= first && p.FirstGfn <= last)];
        }

        int recovered = 0;
        Machine.BeginChange();
        using (ReadSide.Enter())
        {
            foreach (TdpPage table in split)
            {
                recovered += _roots.Value.Any(root => RecoverHugePage(root, table)) ? 1 : 0;
            }

            if (recovered != 0)
            {
                Flush(0, ulong.MaxValue, freesTables: true);
            }
        }

        Machine.EndChange();
        return recovered;
    }

    private bool RecoverHugePage(TdpRoot root, TdpPage table)
    {
        TdpPage page = root;
        while (page.Level > table.Level)
        {
            int index = page.IndexOf(table.FirstGfn);
            ulong spte = page.Read(index);
            if (!Layout.IsTable(spte, page.Level))
            {
                return false;
            }

            if (PageAt(spte) == table)
            {
                SetAlone(page, index, Layout.Empty);
                return true;
            }

            page = PageAt(spte);
        }

        return false;
    }

    /// <summary>Zaps the leaves of a range below a table. The lock is held alone; the caller flushes.</summary>
    /// <returns>How many leaves there were.</returns>
    public int ZapLeaves(TdpPage page, ulong first, ulong last)
    {
        int zapped = 0;
        (int from, int to) = Indices(page, first, last);
        for (int index = from; index <= to; index++)
        {
            ulong spte = page.Read(index);
            if (!Layout.IsPresent(spte))
            {
                continue;
            }

            if (Layout.IsLeaf(spte, page.Level))
            {
                zapped += SetAlone(page, index, Layout.Empty);
            }
            else
            {
                zapped += ZapLeaves(PageAt(spte), first, last);
            }
        }

        return zapped;
    }

    /// <summary>Zaps everything below a root with the lock held alone; nothing is flushed.</summary>
    private int ZapRoot(TdpRoot root)
    {
        int zapped = 0;
        for (int index = 0; index < HostMemory.EntriesPerPage; index++)
        {
            zapped += SetAlone(root, index, Layout.Empty);
        }

        return zapped;
    }

    private int ZapRootShared(TdpRoot root)
    {
        int zapped = 0;
        for (int index = 0; index < HostMemory.EntriesPerPage; index++)
        {
            ulong spte;
            int leaves = 0;
            do
            {
                spte = root.Read(index);
            }
            while (Layout.IsPresent(spte) && !TrySetShared(root, index, spte, Layout.Empty, out leaves));
            zapped += leaves;
        }

        return zapped;
    }

    private int ZapCollapsible(TdpPage page, MemorySlot slot, ulong first, ulong last)
    {
        int zapped = 0;
        (int from, int to) = Indices(page, first, last);
        for (int index = from; page.Level > 1 && index <= to; index++)
        {
            ulong spte = page.Read(index);
            if (!Layout.IsTable(spte, page.Level))
            {
                continue;
            }

            ulong gfn = page.GfnOf(index);
            bool isCollapsible = page.Level <= LargestMappedLevel && gfn >= first && gfn <= last
                && slot.MaxLevel(gfn, Math.Min(LargestMappedLevel, Vm.MaxHugePageLevel)) >= page.Level;
            if (!isCollapsible)
            {
                zapped += ZapCollapsible(PageAt(spte), slot, first, last);
            }
            else if (TryZapShared(page, index, spte))
            {
                zapped++;
            }
        }

        return zapped;
    }

    /// <summary>Takes out an entry under the shared side of the lock; it is frozen until the flush has returned.</summary>
    private bool TryZapShared(TdpPage page, int index, ulong spte)
    {
        bool wasTable = Layout.IsTable(spte, page.Level);
        Machine.BeginChange();
        bool isSet = TrySetShared(page, index, spte, Layout.Frozen);
        if (isSet)
        {
            Flush(page.GfnOf(index), page.FramesPerEntry, wasTable);
            page.Write(index, Layout.Empty);
        }

        Machine.EndChange();
        return isSet;
    }

    /// <summary>The entries of a table that translate a frame of a range; none when the range is elsewhere.</summary>
    private static (int From, int To) Indices(TdpPage page, ulong first, ulong last)
    {
        ulong lastOfPage = page.FirstGfn + (page.FramesPerEntry * HostMemory.EntriesPerPage) - 1;
        return first > lastOfPage || last < page.FirstGfn
            ? (0, -1)
            : (page.IndexOf(Math.Max(first, page.FirstGfn)), page.IndexOf(Math.Min(last, lastOfPage)));
    }
}

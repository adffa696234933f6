using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

internal partial class TdpMmu
{
    /// <summary>
    /// Splits the huge pages of a range down to 4 KiB, as eager page splitting does before dirty logging; nothing needs a flush,
    /// since the parts translate like the whole. The lock is held, shared. (Linux 6.7 tdp_mmu.c, tdp_mmu_split_huge_pages_root.)
    /// </summary>
    /// <param name="first">The first guest frame.</param>
    /// <param name="last">The last guest frame.</param>
    /// <param name="cache">What the tables are made of; topped up for each.</param>
    /// <param name="count">How many huge pages were split.</param>
    /// <returns>Whether there was memory for all.</returns>
    public bool SplitHugePages(ulong first, ulong last, MmuMemoryCache cache, out int count)
    {
        count = 0;
        using ReadSide.Walk walk = ReadSide.Enter();
        foreach (TdpRoot root in _roots.Value.Where(r => r.IsValid))
        {
            if (!SplitHugePages(root, first, last, cache, ref count))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Fills a table with the parts of a huge page.</summary>
    internal void FillSplit(TdpPage child, ulong huge)
    {
        for (int index = 0; index < HostMemory.EntriesPerPage; index++)
        {
            child.Prepare(index, Layout.ComposeSplit(huge, child.Level, index, Vm.Settings.SplitsExecutedHugePages));
        }
    }

    private bool SplitHugePages(TdpPage page, ulong first, ulong last, MmuMemoryCache cache, ref int count)
    {
        (int from, int to) = Indices(page, first, last);
        for (int index = from; page.Level > 1 && index <= to; index++)
        {
            ulong spte = page.Read(index);
            while (Layout.IsPresent(spte) && Layout.IsLeaf(spte, page.Level))
            {
                if (!cache.TopUp(1))
                {
                    return false;
                }

                HostPhysicalAddress address = cache.Take();
                var child = new TdpPage(Machine, address, page.Role.Child(), page.GfnOf(index));
                FillSplit(child, spte);
                if (TrySetShared(page, index, spte, Layout.ComposeTable(address, page.Role.IsAdDisabled)))
                {
                    count++;
                    Machine.Report(
                        MachineEventKind.Split, "kvm", page.GfnOf(index) * HostMemory.PageSize, SpteLayout.PageSize(page.Level));
                }
                else
                {
                    ClearEntries(child);
                    cache.Return(address);
                }

                spte = page.Read(index);
            }

            if (Layout.IsTable(spte, page.Level) && !SplitHugePages(PageAt(spte), first, last, cache, ref count))
            {
                return false;
            }
        }

        return true;
    }
}

namespace TdpHw.Core.Kvm;

internal partial class TdpMmu
{
    /// <summary>Takes the right to write from the leaves of a range. The lock is held alone; the caller flushes.</summary>
    /// <param name="first">The first guest frame.</param>
    /// <param name="last">The last guest frame.</param>
    /// <param name="keepsMmuWritable">Whether KVM may give the right back without its lock.</param>
    /// <returns>How many leaves had it.</returns>
    public int WriteProtect(ulong first, ulong last, bool keepsMmuWritable) =>
        ChangeLeaves(first, last, spte =>
        {
            ulong changed = Layout.WriteProtect(spte);
            return keepsMmuWritable ? changed : changed & ~Layout.MmuWritableMask;
        });

    /// <summary>Clears the dirty flags of a range, or where there are none takes the right to write. The lock is held alone.</summary>
    /// <returns>How many leaves were changed.</returns>
    public int ClearDirty(ulong first, ulong last) =>
        ChangeLeaves(first, last, spte => Layout.HasAccessedDirty ? spte & ~Layout.DirtyMask : Layout.WriteProtect(spte));

    /// <summary>
    /// Ages a range: clears accessed flags, or where there are none takes the rights away to see the next access. The lock is
    /// held alone. (Linux 6.7 tdp_mmu.c, age_gfn_range.)
    /// </summary>
    /// <returns>How many leaves were used since the last time.</returns>
    public int Age(ulong first, ulong last) =>
        ChangeLeaves(first, last, spte => Layout.IsAccessed(spte) ? Layout.Track(spte) : spte);

    /// <summary>The guest frames of a range whose 4-KiB leaves have the dirty flag, in any root.</summary>
    public IEnumerable<ulong> DirtyFrames(ulong first, ulong last) =>
        _roots.Value.Where(r => r.IsValid).SelectMany(r => DirtyFrames(r, first, last)).Distinct().Order();

    /// <summary>How many leaves of a range the exported roots have.</summary>
    public int CountExportedLeaves(ulong first, ulong last) =>
        _roots.Value.Where(r => r.IsExported).Sum(r => Leaves(r, first, last).Count());

    private int ChangeLeaves(ulong first, ulong last, Func<ulong, ulong> change)
    {
        int changed = 0;
        foreach (TdpRoot root in _roots.Value.Where(r => r.IsValid))
        {
            foreach ((TdpPage page, int index, ulong _) in Leaves(root, first, last))
            {
                // The hardware may set a flag between reading and changing.
                ulong spte;
                ulong wanted;
                do
                {
                    spte = page.Read(index);
                    wanted = change(spte);
                }
                while (wanted != spte && !TryChange(page, index, spte, wanted));
                changed += wanted != spte ? 1 : 0;
            }
        }

        return changed;
    }

    private IEnumerable<ulong> DirtyFrames(TdpRoot root, ulong first, ulong last)
    {
        foreach ((TdpPage page, int index, ulong spte) in Leaves(root, first, last))
        {
            if (page.Level == 1 && (spte & Layout.DirtyMask) != 0)
            {
                yield return page.GfnOf(index);
            }
        }
    }

    private IEnumerable<(TdpPage Page, int Index, ulong Spte)> Leaves(TdpPage page, ulong first, ulong last)
    {
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
                yield return (page, index, spte);
                continue;
            }

            foreach ((TdpPage, int, ulong) leaf in Leaves(PageAt(spte), first, last))
            {
                yield return leaf;
            }
        }
    }
}

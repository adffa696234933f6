using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

internal partial class TdpMmu
{
    /// <summary>Finds or makes the root that a vCPU is to load.</summary>
    /// <param name="role">The role.</param>
    /// <param name="cache">What a new root is made of.</param>
    internal virtual TdpRoot LoadRoot(TdpRole role, MmuMemoryCache cache)
    {
        using SharedGate.Held held = Lock.EnterExclusive();
        return GetRoot(role, cache);
    }

    /// <summary>Finds or makes the root of a role; a new one has two references, a found one gains one. The lock is held alone.</summary>
    /// <param name="role">The role, compared as a whole word: one that was made invalid never matches.</param>
    /// <param name="cache">What a new root is made of.</param>
    public TdpRoot GetRoot(TdpRole role, MmuMemoryCache cache)
    {
        foreach (TdpRoot root in _roots.Value)
        {
            if (root.Role == role && root.TryGet())
            {
                return root;
            }
        }

        var made = new TdpRoot(Machine, cache.Take(), role, _rootCount++);
        FillEmpty(made);
        using (_pagesLock.Enter())
        {
            _roots.Value = _roots.Value.Add(made);
        }

        Machine.Report(MachineEventKind.RootCreated, $"root {made.Id}", made.Address.Value, detail: role.ToString());
        return made;
    }

    /// <summary>Puts a reference to a root; the last one frees it.</summary>
    public void PutRoot(TdpRoot root)
    {
        if (!root.Put())
        {
            return;
        }

        using (_pagesLock.Enter())
        {
            _roots.Value = _roots.Value.Remove(root);
        }

        Machine.Report(MachineEventKind.RootFreed, $"root {root.Id}", root.Address.Value);
        Retire(root);
    }

    /// <summary>
    /// Ends an export: unmark, zap, put. (Series, patch 35, kvm_mmu_put_exported_tdp.) As posted all exports of a root share one
    /// mark; in strict mode a root that another creation exported too is neither unmarked nor zapped.
    /// </summary>
    public void PutExportedRoot(TdpRoot root)
    {
        using SharedGate.Held held = Lock.EnterExclusive();
        root.RemoveExport(sharesMark: !Machine.Mode.Closes(Hazard.CreationRaces));
        if (root.IsExported)
        {
            PutRoot(root);
            return;
        }

        Machine.BeginChange();
        using (ReadSide.Enter())
        {
            int zapped = ZapRoot(root);
            if (Machine.Mode.Closes(Hazard.PutWithoutFlush))
            {
                Flush(0, ulong.MaxValue, freesTables: true);
            }

            Machine.Report(MachineEventKind.Zapped, $"root {root.Id}", 0, ulong.MaxValue, $"{zapped} leaves");
        }

        Machine.EndChange();
        PutRoot(root);
    }

    /// <summary>
    /// Makes every root invalid that no device walks, so that vCPUs get new ones; the tables are zapped later, by
    /// <see cref="ZapInvalidRoots"/>. The lock is held alone. (Series, patch 36.)
    /// </summary>
    public void InvalidateRoots()
    {
        foreach (TdpRoot root in _roots.Value)
        {
            if (root.IsValid && !root.IsExported)
            {
                root.IsScheduledToZap = true;
                root.Invalidate();
            }
        }
    }

    /// <summary>Zaps the roots that were made invalid and puts the reference that the MMU itself held.</summary>
    /// <returns>How many leaves there were.</returns>
    public int ZapInvalidRoots()
    {
        int zapped = 0;
        foreach (TdpRoot root in _roots.Value)
        {
            if (root.IsScheduledToZap)
            {
                using SharedGate.Held held = Lock.EnterShared();
                root.IsScheduledToZap = false;
                using (ReadSide.Enter())
                {
                    zapped += ZapRootShared(root);
                }

                PutRoot(root);
            }
        }

        return zapped;
    }

    private void FillEmpty(TdpPage page)
    {
        if (Layout.Empty != 0)
        {
            for (int index = 0; index < HostMemory.EntriesPerPage; index++)
            {
                page.Prepare(index, Layout.Empty);
            }
        }
    }
}

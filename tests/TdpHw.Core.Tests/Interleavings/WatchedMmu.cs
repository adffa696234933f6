using System.Collections.Concurrent;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>
/// An MMU that is judged while it works: a leaf never changes where it leads to, a table that is retired or freed is below no root
/// any more, and one is freed only after a flush that began when nothing led to it any more. It looks without taking steps.
/// </summary>
internal sealed class WatchedMmu : TdpMmu
{
    private readonly ConcurrentDictionary<HostPhysicalAddress, RetiredTable> _retired = new();

    public WatchedMmu(Vm vm)
        : base(vm) => Machine.Observer += Watch;

    internal override void Retire(TdpPage page)
    {
        AssertIsUnlinked(page);
        Assert.True(
            _retired.TryAdd(page.Address, new RetiredTable(page, IsFreeOfFlush(page))), $"the table at {page.Address} is retired twice");
        base.Retire(page);
    }

    internal override void Flush(ulong gfn, ulong count, bool freesTables)
    {
        RetiredTable[] before = [.. _retired.Values];
        base.Flush(gfn, count, freesTables);
        Array.ForEach(before, table => table.IsFlushed = true);
    }

    internal override bool TryChange(TdpPage page, int index, ulong expected, ulong changed)
    {
        bool isMoved = Layout.IsPresent(expected) && Layout.IsLeaf(expected, page.Level)
            && Layout.IsPresent(changed) && Layout.IsLeaf(changed, page.Level)
            && Layout.AddressOf(expected) != Layout.AddressOf(changed);
        Assert.False(isMoved, $"an entry at level {page.Level} goes from 0x{expected:x} to 0x{changed:x}");
        return base.TryChange(page, index, expected, changed);
    }

    private void Watch(MachineEvent happened)
    {
        if (happened.Kind == MachineEventKind.TableFreed && _retired.TryRemove(new(happened.Address), out RetiredTable? table))
        {
            AssertIsUnlinked(table.Page);
            Assert.True(table.IsFlushed, $"the table at {table.Page.Address} of level {table.Page.Level} is freed before its flush");
        }
    }

    /// <summary>Nobody walks a root that has no holder, nor what is below one that was made invalid: vCPUs flush as they leave it.</summary>
    private bool IsFreeOfFlush(TdpPage page)
    {
        bool isFree = page is TdpRoot;
        Look(() => isFree |= Roots.Any(r => !r.IsValid));
        return isFree;
    }

    private void AssertIsUnlinked(TdpPage page) => Look(() => LookForLinks(page));

    private void Look(Action look)
    {
        if (Machine.Interleaving is StepScheduler scheduler)
        {
            scheduler.Look(look);
        }
        else
        {
            look();
        }
    }

    private void LookForLinks(TdpPage page)
    {
        foreach (TdpRoot root in Roots)
        {
            HostPhysicalAddress table = root.Address;
            for (int level = root.Level; level > page.Level; level--)
            {
                int index = (int)(page.FirstGfn >> (TdpPage.IndexBits * (level - 1))) & (HostMemory.EntriesPerPage - 1);
                Machine.Memory.TryRead(new(table.Value + ((ulong)index * sizeof(ulong))), out ulong spte);
                if (!Layout.IsTable(spte, level))
                {
                    break;
                }

                table = Layout.AddressOf(spte);
                Assert.False(
                    table == page.Address,
                    $"root {root.Id} still leads to the table at {page.Address} of level {page.Level}");
            }
        }
    }

    private sealed class RetiredTable(TdpPage page, bool isFlushed)
    {
        public TdpPage Page { get; } = page;

        public bool IsFlushed { get; set; } = isFlushed;
    }
}

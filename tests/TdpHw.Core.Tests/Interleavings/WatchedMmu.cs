using System.Collections.Concurrent;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>
/// An MMU that is judged while it works: a leaf never changes where it leads to, and a table that is retired or freed is below no
/// root any more. It looks without taking steps.
/// </summary>
internal sealed class WatchedMmu : TdpMmu
{
    private readonly ConcurrentDictionary<HostPhysicalAddress, TdpPage> _retired = new();

    public WatchedMmu(Vm vm)
        : base(vm) => Machine.Observer += Watch;

    internal override void Retire(TdpPage page)
    {
        AssertIsUnlinked(page);
        Assert.True(_retired.TryAdd(page.Address, page), $"the table at {page.Address} is retired twice");
        base.Retire(page);
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
        if (happened.Kind == MachineEventKind.TableFreed && _retired.TryRemove(new(happened.Address), out TdpPage? page))
        {
            AssertIsUnlinked(page);
        }
    }

    private void AssertIsUnlinked(TdpPage page)
    {
        if (Machine.Interleaving is StepScheduler scheduler)
        {
            scheduler.Look(() => LookForLinks(page));
        }
        else
        {
            LookForLinks(page);
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
}

using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using Xunit.Abstractions;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>
/// Bugs that are put into the core on purpose: the exploration must find each, and what it found must happen again when its
/// schedule is run again. The same worlds without the bug hold in <see cref="KvmExplorationTests"/>.
/// </summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    [Fact]
    public void A_dropped_flush_is_found() =>
        IsFound(i => KvmWorlds.AccessAgainstUnmap(i, vm => new DroppedFlush(vm)));

    [Fact]
    public void A_table_freed_before_its_flush_is_found() => IsFound(i => Collapse(i, vm => new FreedBeforeFlush(vm)));

    [Fact]
    public void A_table_freed_after_its_flush_is_not() => ExplorationAssert.Holds(output, i => Collapse(i, vm => new TdpMmu(vm)));

    [Fact]
    public void A_plain_store_instead_of_a_compare_exchange_is_found() =>
        IsFound(i => KvmWorlds.FirstFaultsOfTwoVCpus(i, vm => new PlainStore(vm)));

    [Fact]
    public void Root_and_levels_read_apart_are_found() =>
        IsFound(i => KvmWorlds.GrowthAgainstInspection(i, vcpu => vcpu.Root is null ? default : (vcpu.Root.Address, vcpu.Root.Level)));

    [Fact]
    public void References_read_outside_the_lock_are_found() => IsFound(i =>
    {
        var world = new KvmWorld(i);
        MemorySlot other = world.AddSlot(new MemorySlotSettings(new(1ul << 20), 1ul << 20));
        world.Touch(0, 3);
        TdpRoot root = world.VCpus[0].Root!;
        world.Add("delete", () =>
        {
            Assert.Equal(Errno.None, world.Vm.DeleteSlot(other));
            world.Touch(0, 3);
        });
        world.Add("get", () =>
        {
            // What was read is not asked for again when the reference is taken.
            bool isAlive = root.References != 0;
            if (isAlive)
            {
                root.TryGet();
                Assert.True(root.References > 0, "a reference to a root that is gone");
                world.Vm.Mmu.PutRoot(root);
            }
        });
        return world;
    });

    /// <summary>A table goes while a vCPU that remembers it walks.</summary>
    private static KvmWorld Collapse(Interleaving interleaving, Func<Vm, TdpMmu> mmu)
    {
        var world = new KvmWorld(
            interleaving, mmu, slot: new MemorySlotSettings(new(KvmWorld.HugestPage), KvmWorld.HugePage, BackingLevel: 2));
        world.Touch(0, 3);
        Assert.Equal(Errno.None, world.Vm.Split(world.Page(0), KvmWorld.HugePage, out _));
        world.VCpus[0].FlushTlb();
        world.Touch(0, 4);
        world.Add("collapse", () => world.Vm.Collapse(world.Page(0), KvmWorld.HugePage));
        world.Add("vcpu", () => world.Touch(0, 5));
        return world;
    }

    private void IsFound(Func<Interleaving, World> create)
    {
        ExplorationResult result = Exploration.Explore(create);
        output.WriteLine($"{result}\n{result.Finding}");
        Assert.NotNull(result.Finding);
        Assert.NotNull(Exploration.Replay(create, result.Finding.Schedule));
    }

    private sealed class DroppedFlush(Vm vm) : TdpMmu(vm)
    {
        internal override void Flush(ulong gfn, ulong count, bool freesTables)
        {
        }
    }

    private sealed class FreedBeforeFlush(Vm vm) : TdpMmu(vm)
    {
        internal override void Retire(TdpPage page) => Machine.FreeTable(page.Address);
    }

    private sealed class PlainStore(Vm vm) : TdpMmu(vm)
    {
        internal override bool TryChange(TdpPage page, int index, ulong expected, ulong changed)
        {
            page.Write(index, changed);
            return true;
        }
    }
}

using TdpHw.Core.Machines;
using Xunit.Abstractions;

namespace TdpHw.Core.Tests.Interleavings.Planted;

/// <summary>
/// Bugs that are put into the core on purpose: the exploration must find each, and what it found must happen again when its
/// schedule is run again. <see cref="KvmExplorationTests"/> has the same worlds without the bugs, where nothing is found.
/// </summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    [Fact]
    public void A_dropped_flush_is_found() => IsFound(i => KvmWorlds.AccessAgainstUnmap(i, vm => new DroppedFlush(vm)));

    [Fact]
    public void A_table_freed_before_its_flush_is_found() => IsFound(i => KvmWorlds.CollapseAgainstAccess(i, vm => new FreeBeforeFlush(vm)));

    [Fact]
    public void A_plain_store_instead_of_a_compare_exchange_is_found() =>
        IsFound(i => KvmWorlds.FirstFaultsOfTwoVCpus(i, vm => new PlainStore(vm)));

    [Fact]
    public void Root_and_levels_read_apart_are_found() =>
        IsFound(i => KvmWorlds.GrowthAgainstInspection(i, RootAndLevelsReadApart.Read));

    [Fact]
    public void References_read_outside_the_lock_are_found() =>
        IsFound(i => KvmWorlds.InvalidationAgainstReturn(i, vm => new ReferencesReadOutsideLock(vm)));

    private void IsFound(Func<Interleaving, World> create)
    {
        ExplorationResult result = Exploration.Explore(create);
        output.WriteLine($"{result}\n{result.Finding}");
        Assert.NotNull(result.Finding);
        Exception? again = Exploration.Replay(create, Schedule.Parse(result.Finding.Schedule.ToString()));
        Assert.Equal((result.Finding.Failure.GetType(), result.Finding.Failure.Message), (again?.GetType(), again?.Message));
    }
}

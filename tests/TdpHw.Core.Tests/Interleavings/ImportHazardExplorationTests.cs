using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using Xunit.Abstractions;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>
/// Hazards of the series that take a race to show: with one of them open and all others closed the exploration finds it.
/// <see cref="ImportExplorationTests"/> has the same worlds with all closed, where nothing is found.
/// </summary>
public sealed class ImportHazardExplorationTests(ITestOutputHelper output)
{
    [Fact]
    public void A_domain_freed_before_it_is_unregistered_is_found() =>
        IsFound(Hazard.DomainFreedFirst, (i, mode) => ImportWorlds.FlushAgainstImporters(i, Serving.Shared, mode));

    [Fact]
    public void A_flush_that_keeps_freed_tables_is_found() =>
        IsFound(Hazard.FlushKeepsFreedTables, ImportWorlds.CollapseAgainstDma);

    [Fact]
    public void An_exit_without_flush_is_found() =>
        IsFound(Hazard.ExitWithoutFlush, (i, mode) => ImportWorlds.ExitAgainstDma(i, Serving.Shared, mode));

    private void IsFound(Hazard open, Func<Interleaving, SharingMode, World> create)
    {
        var mode = SharingMode.Closing([.. Enum.GetValues<Hazard>().Where(h => h != open)]);
        ExplorationResult result = Exploration.Explore(i => create(i, mode));
        output.WriteLine($"{result}\n{result.Finding}");
        Assert.NotNull(result.Finding);
        Exception? again = Exploration.Replay(i => create(i, mode), result.Finding.Schedule);
        Assert.Equal(result.Finding.Failure.Message, again?.Message);
    }
}

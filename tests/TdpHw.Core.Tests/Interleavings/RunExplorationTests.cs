using TdpHw.Core.Machines;
using Xunit.Abstractions;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Each runs all orders in which runs of pages are mapped into an importer's own table while others map, unmap and walk.</summary>
public sealed class RunExplorationTests(ITestOutputHelper output)
{
    [Fact]
    public void A_run_is_mapped_while_some_of_its_pages_are_unmapped_and_a_unit_walks() => Holds(i => new RunWorld(i)
        .MapNow(0, 1, RunWorld.Here)
        .Map(RunWorld.FirstGfn, 4, RunWorld.Here, 511, 512)
        .Unmap(511, 512)
        .Walk(511, 512));

    [Fact]
    public void A_run_is_mapped_while_the_tables_that_it_needs_become_empty_and_go() => Holds(i => new RunWorld(i)
        .MapNow(512, 1, RunWorld.Here)
        .Map(RunWorld.FirstGfn, 4, RunWorld.Here, 512)
        .Unmap(512, 512)
        .Walk(512, 513));

    [Fact]
    public void Two_runs_that_overlap_are_mapped_at_once_into_tables_that_are_not_there_yet() => Holds(i => new RunWorld(i)
        .Map(RunWorld.FirstGfn, 3)
        .Map(511, 3)
        .Walk(511));

    [Fact]
    public void Two_runs_lead_to_different_places_and_the_last_word_is_flushed() => Holds(i => new RunWorld(i)
        .MapNow(511, 2, RunWorld.Here)
        .Unmap(511, 511)
        .Map(511, 2, RunWorld.There, 511)
        .Walk(511, 512));

    [Fact]
    public void Of_two_runs_to_different_places_no_page_changes_without_a_flush() => Holds(i => new RunWorld(i)
        .MapNow(0, 1, RunWorld.Here)
        .Map(5, 2, RunWorld.Here)
        .Map(6, 2, RunWorld.There)
        .Walk(6));

    private void Holds(Func<Interleaving, World> create) => ExplorationAssert.Holds(output, create);
}

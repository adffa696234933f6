using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using Xunit.Abstractions;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Each runs all orders of a few operations on the importing side, and nothing that must hold is broken in any.</summary>
public sealed class ImportExplorationTests(ITestOutputHelper output)
{
    public static TheoryData<Serving> Ways => [Serving.Shared, Serving.Separate, Serving.Mirrored];

    [Theory]
    [InlineData(Serving.Shared, true)]
    [InlineData(Serving.Shared, false)]
    [InlineData(Serving.Separate, true)]
    [InlineData(Serving.Separate, false)]
    [InlineData(Serving.Mirrored, true)]
    [InlineData(Serving.Mirrored, false)]
    public void A_device_is_attached_while_the_host_takes_a_page(Serving serving, bool isOneUnit) =>
        Holds(i => ImportWorlds.AttachAgainstUnmap(i, serving, isOneUnit));

    [Fact]
    public void A_device_that_accesses_memory_is_attached_while_the_host_takes_a_page() =>
        Holds(i => ImportWorlds.AttachAgainstDmaAndUnmap(i, Serving.Separate));

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_device_is_attached_to_a_table_that_is_destroyed(Serving serving) =>
        Holds(i => ImportWorlds.AttachAgainstDestroy(i, serving));

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_device_is_attached_to_two_tables_and_unplugged(Serving serving) =>
        Holds(i => ImportWorlds.AttachesAgainstUnplug(i, serving));

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_device_is_detached_while_it_asks_for_a_page(Serving serving) =>
        Holds(i => ImportWorlds.DetachAgainstPageRequest(i, serving));

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_export_is_released_while_a_device_asks_for_a_page(Serving serving) =>
        Holds(i => ImportWorlds.ReleaseAgainstPageRequest(i, serving));

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_file_is_closed_while_an_importer_comes(Serving serving) =>
        Holds(i => ImportWorlds.CloseAgainstImport(i, serving));

    [Theory]
    [MemberData(nameof(Ways))]
    public void Importers_come_and_go_while_the_host_takes_a_page(Serving serving) =>
        Holds(i => ImportWorlds.FlushAgainstImporters(i, serving));

    [Theory]
    [InlineData(Serving.Shared, StalePlace.DeviceTlb)]
    [InlineData(Serving.Shared, StalePlace.Iotlb)]
    [InlineData(Serving.Shared, null)]
    [InlineData(Serving.Separate, StalePlace.DeviceTlb)]
    [InlineData(Serving.Separate, StalePlace.Iotlb)]
    [InlineData(Serving.Separate, null)]
    public void A_device_accesses_a_page_that_the_host_takes(Serving serving, StalePlace? known) =>
        Holds(i => ImportWorlds.UnmapAgainstDma(i, serving, known));

    [Theory]
    [InlineData(Serving.Shared, true)]
    [InlineData(Serving.Shared, false)]
    [InlineData(Serving.Separate, true)]
    [InlineData(Serving.Separate, false)]
    public void Two_devices_access_a_page_that_the_host_takes(Serving serving, bool isOneUnit) =>
        Holds(i => ImportWorlds.UnmapAgainstTwoDevices(i, serving, isOneUnit));

    [Theory]
    [InlineData(Serving.Shared, true)]
    [InlineData(Serving.Separate, false)]
    [InlineData(Serving.Mirrored, false)]
    public void One_device_is_detached_while_another_accesses_a_page_that_the_host_takes(Serving serving, bool isAtOnce) =>
        Holds(i => ImportWorlds.DetachAgainstOtherDevice(i, serving, isAtOnce));

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_device_s_table_is_destroyed_while_it_accesses_memory(Serving serving) =>
        Holds(i => ImportWorlds.DestroyAgainstDma(i, serving));

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_device_s_table_is_destroyed_while_the_host_takes_a_page(Serving serving) =>
        Holds(i => ImportWorlds.DestroyAgainstUnmap(i, serving));

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_device_goes_over_to_another_table_while_it_accesses_memory(Serving serving) =>
        Holds(i => ImportWorlds.ReplaceAgainstDma(i, serving));

    [Theory]
    [MemberData(nameof(Ways))]
    public void One_device_leaves_a_table_while_another_comes_to_another_one(Serving serving) =>
        Holds(i => ImportWorlds.DetachAgainstAttach(i, serving));

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_process_ends_while_a_device_accesses_memory(Serving serving) => Holds(i => ImportWorlds.ExitAgainstDma(i, serving));

    [Fact]
    public void A_table_is_taken_out_while_a_device_accesses_what_it_maps() => Holds(i => ImportWorlds.CollapseAgainstDma(i));

    [Fact]
    public void A_device_is_unplugged_while_it_accesses_memory() => Holds(ImportWorlds.UnplugAgainstDma);

    private void Holds(Func<Interleaving, World> create) => ExplorationAssert.Holds(output, create);
}

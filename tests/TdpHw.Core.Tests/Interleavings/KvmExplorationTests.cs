using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using Xunit.Abstractions;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Each runs all orders of a few operations of the core, and nothing that must hold is broken in any.</summary>
public sealed class KvmExplorationTests(ITestOutputHelper output)
{
    [Fact]
    public void Two_vcpus_fault_on_one_page() => Holds(i => KvmWorlds.TwoFaultsOnOnePage(i));

    [Fact]
    public void Two_vcpus_fault_for_the_first_time() => Holds(i => KvmWorlds.FirstFaultsOfTwoVCpus(i));

    [Fact]
    public void A_vcpu_and_a_device_fault_on_one_page() => Holds(i => KvmWorlds.FaultsOfVCpuAndDevice(i));

    [Fact]
    public void A_vcpu_accesses_a_page_that_the_host_takes() => Holds(i => KvmWorlds.AccessAgainstUnmap(i));

    [Fact]
    public void A_vcpu_faults_on_a_page_that_the_host_takes() => Holds(i => KvmWorlds.FaultAgainstUnmap(i));

    [Fact]
    public void A_device_faults_on_a_page_that_the_host_takes() => Holds(i => KvmWorlds.DeviceFaultAgainstUnmap(i));

    [Fact]
    public void A_device_accesses_a_page_that_the_host_takes() => Holds(i => KvmWorlds.DmaAgainstUnmap(i));

    [Fact]
    public void A_vcpu_and_a_device_access_a_page_that_the_host_takes() => Holds(i => KvmWorlds.AccessAndDmaAgainstUnmap(i));

    [Fact]
    public void A_vcpu_faults_on_a_page_that_the_host_takes_twice_at_once() => Holds(i => KvmWorlds.TwoUnmapsAgainstFault(i));

    [Fact]
    public void An_export_comes_and_goes_while_a_vcpu_faults_for_the_first_time() => Holds(i => KvmWorlds.ExportAgainstFirstFault(i));

    [Fact]
    public void An_export_is_put_while_a_vcpu_uses_its_root() => Holds(i => KvmWorlds.PutAgainstAccess(i, null, SharingMode.Strict));

    [Fact]
    public void Two_processes_export_at_once() => Holds(i => KvmWorlds.TwoCreations(i));

    [Fact]
    public void An_export_is_made_while_noncoherent_dma_comes() => Holds(i => KvmWorlds.CreationAgainstNoncoherentDma(i));

    [Fact]
    public void An_export_is_made_while_a_vcpu_touches_what_must_not_be_in_it() =>
        Holds(i => KvmWorlds.CreationAgainstPrivateAccess(i));

    [Fact]
    public void An_export_is_made_while_a_slot_comes_that_it_does_not_reach() => Holds(i => KvmWorlds.CreationAgainstWideSlot(i));

    [Fact]
    public void Writes_are_tracked_while_a_huge_page_is_mapped() => Holds(i => KvmWorlds.TrackingAgainstFault(i));

    [Fact]
    public void Small_pages_are_taken_out_where_a_vcpu_executes() => Holds(i => KvmWorlds.RecoveryAgainstExecution(i));

    [Fact]
    public void All_roots_are_made_invalid_while_a_vcpu_gets_one() => Holds(i => KvmWorlds.DeletionAgainstFirstFault(i));

    [Fact]
    public void All_roots_are_made_invalid_while_a_vcpu_uses_one() => Holds(i => KvmWorlds.InvalidationAgainstAccess(i));

    [Fact]
    public void All_roots_are_made_invalid_while_a_vcpu_comes_back_to_one() => Holds(i => KvmWorlds.InvalidationAgainstReturn(i));

    [Fact]
    public void All_roots_are_made_invalid_while_a_device_uses_the_exported_one() => Holds(i => KvmWorlds.DeletionAgainstDma(i));

    [Fact]
    public void A_slot_is_deleted_while_a_vcpu_faults_in_it() => Holds(i => KvmWorlds.DeletionOfItsSlotAgainstFault(i));

    [Fact]
    public void A_huge_page_takes_the_place_of_a_table_while_a_vcpu_faults_below_it() =>
        Holds(i => KvmWorlds.HugePageOverTableAgainstFault(i));

    [Fact]
    public void A_table_is_taken_out_to_collapse_while_a_vcpu_walks_it() => Holds(i => KvmWorlds.CollapseAgainstAccess(i));

    [Fact]
    public void A_table_is_taken_out_with_one_above_it_while_a_page_takes_the_place_of_both() =>
        Holds(i => KvmWorlds.HugestPageOverTablesAgainstCollapse(i));

    [Fact]
    public void A_table_is_taken_out_while_another_thread_takes_it_out_with_the_one_above() =>
        Holds(i => KvmWorlds.CollapseAgainstCollapse(i));

    [Fact]
    public void A_huge_page_takes_the_place_of_a_table_that_a_device_remembers() =>
        Holds(i => KvmWorlds.HugePageOverTableAgainstDma(i));

    [Fact]
    public void A_huge_page_is_split_while_the_host_takes_it_and_a_vcpu_accesses_it() =>
        Holds(i => KvmWorlds.SplitAgainstAccessAndUnmap(i));

    [Fact]
    public void The_host_changes_its_page_size_while_a_vcpu_faults() => Holds(i => KvmWorlds.ChangeOfPageSizeAgainstFault(i));

    [Fact]
    public void The_host_changes_its_page_size_while_it_takes_a_page_of_the_old_size() =>
        Holds(i => KvmWorlds.ChangeOfPageSizeAgainstUnmap(i));

    [Fact]
    public void A_page_breaks_while_a_vcpu_faults_on_it() => Holds(i => KvmWorlds.PoisonAgainstAccess(i));

    [Fact]
    public void The_process_ends_while_a_vcpu_and_a_device_fault() => Holds(i => KvmWorlds.ExitAgainstFaults(i));

    [Fact]
    public void A_vcpus_width_grows_while_its_root_is_walked() =>
        Holds(i => KvmWorlds.GrowthAgainstInspection(i, vcpu => vcpu.Root is { } root ? (root.Address, root.Level) : null));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_is_aged_while_a_vcpu_writes_it(bool hasFlags) => Holds(i => KvmWorlds.AgingAgainstAccess(i, null, hasFlags));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_is_write_protected_while_a_vcpu_writes_it(bool hasFlags) =>
        Holds(i => KvmWorlds.WriteProtectionAgainstWrite(i, null, hasFlags));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_dirty_log_is_taken_while_a_vcpu_writes(bool hasFlags) => Holds(i => KvmWorlds.DirtyLogAgainstWrite(i, null, hasFlags));

    [Fact]
    public void The_dirty_log_is_taken_while_a_device_writes() => Holds(i => KvmWorlds.DirtyLogAgainstDma(i));

    [Theory]
    [InlineData(Serving.Separate)]
    [InlineData(Serving.Mirrored)]
    public void A_device_with_a_table_of_its_own_faults_on_a_page_that_the_host_takes(Serving serving) =>
        Holds(i => KvmWorlds.OwnTableAgainstUnmap(i, serving));

    [Fact]
    public void A_vcpu_fills_a_devices_table_while_the_host_takes_the_page() => Holds(i => KvmWorlds.MirrorAgainstUnmap(i));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Tables_are_retired_while_two_walks_may_be_in_them(int tables) => Holds(i => new ReadSideWorld(i, tables));

    private void Holds(Func<Interleaving, World> create) => ExplorationAssert.Holds(output, create);
}

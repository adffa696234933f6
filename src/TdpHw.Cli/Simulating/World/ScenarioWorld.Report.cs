using System.Text.Json.Nodes;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;

namespace TdpHw.Cli.Simulating.World;

internal sealed partial class ScenarioWorld
{
    private StepAnswer Report()
    {
        MachineCounters counters = Machine().Counters;
        return Of(Errno.None)
            .With("cpu_faults", counters.CpuFaults)
            .With("io_faults", counters.IoFaults)
            .With("page_requests", counters.PageRequests)
            .With("table_pages", _vm?.TableCount ?? 0)
            .With("importer_table_pages", _hwpts.Sum(h => h?.TableCount ?? 0))
            .With("flushes", counters.Flushes)
            .With("iotlb_hits", counters.IotlbHits)
            .With("stale_hits", counters.StaleHits)
            .With("roots", new JsonArray([.. _vm?.Roots.Select(JsonOf) ?? []]))
            .With("mmio_exits", counters.MmioExits)
            .With("invalidations", counters.Invalidations)
            .With("device_tlb_hits", counters.DeviceTlbHits)
            .With("stale_by_place", StaleByPlace(counters))
            .With("freed_table_reads", counters.FreedTableReads)
            .With("uses_after_free", counters.UsesAfterFree);
    }

    private static JsonNode JsonOf(TdpRoot root) => new JsonObject
    {
        ["id"] = root.Id,
        ["as_id"] = root.Role.AddressSpace,
        ["smm"] = root.Role.IsSmm,
        ["guest_mode"] = root.Role.IsGuestMode,
        ["level"] = root.Level,
        ["refs"] = root.References,
        ["exported"] = root.IsExported,
        ["valid"] = root.IsValid,
    };

    private static JsonObject StaleByPlace(MachineCounters counters)
    {
        var places = new JsonObject();
        foreach (StalePlace place in Enum.GetValues<StalePlace>())
        {
            places.Add(NameOf(place), counters.StaleHitsAt(place));
        }

        return places;
    }

    private static string NameOf(StalePlace place) => place switch
    {
        StalePlace.CpuTlb => "cpu_tlb",
        StalePlace.CpuPagingStructures => "cpu_paging_structures",
        StalePlace.Iotlb => "iotlb",
        StalePlace.IommuPagingStructures => "iommu_paging_structures",
        StalePlace.DeviceTlb => "device_tlb",
        _ => throw new ArgumentOutOfRangeException(nameof(place)),
    };
}

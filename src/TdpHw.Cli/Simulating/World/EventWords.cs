using TdpHw.Core.Machines;

namespace TdpHw.Cli.Simulating.World;

/// <summary>What happens on a machine, as a timeline calls it.</summary>
internal static class EventWords
{
    public static string Of(MachineEventKind kind) => kind switch
    {
        MachineEventKind.EptViolation => "EPT violation",
        MachineEventKind.MmioExit => "MMIO exit",
        MachineEventKind.Mapped => "mapped",
        MachineEventKind.Zapped => "zapped",
        MachineEventKind.TableFreed => "table freed",
        MachineEventKind.Split => "huge page split",
        MachineEventKind.RootCreated => "root made",
        MachineEventKind.RootFreed => "root freed",
        MachineEventKind.Exported => "exported",
        MachineEventKind.Released => "export released",
        MachineEventKind.CpuFlush => "flush",
        MachineEventKind.ImporterNotified => "importer notified",
        MachineEventKind.Invalidation => "invalidation",
        MachineEventKind.PageRequest => "page request",
        MachineEventKind.PageResponse => "page response",
        MachineEventKind.DmaFault => "DMA fault",
        MachineEventKind.StaleHit => "stale hit",
        MachineEventKind.FreedTableRead => "freed table read",
        MachineEventKind.Warning => "warning",
        _ => kind.ToString(),
    };
}

using System.Collections.Immutable;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>The goals, in the order of the table.</summary>
internal static class Goals
{
    public static readonly Goal TranslateOne = new("translate-one", "plain C", 1.05);
    public static readonly Goal TranslateBatchLimit = new("translate-batch-limit", "random 8-byte loads", 1.3);
    public static readonly Goal TranslateBatchC = new("translate-batch-c", "plain C", 0.33);
    public static readonly Goal TranslateBatchAddrXlat = new("translate-batch-addrxlat", "libkdumpfile's addrxlat", 0.05);
    public static readonly Goal TranslateSorted = new("translate-sorted", "our random batch", 0.15);
    public static readonly Goal Classify = new("classify", "linear read", 1.1);
    public static readonly Goal Audit = new("audit", "linear read", 1.15);
    public static readonly Goal Ranges = new("ranges", "linear read", 1.3);
    public static readonly Goal Ranges2 = new("ranges-2", "our one thread", 0.56);
    public static readonly Goal Map256 = new("map-256", "the same in C", 1.1);
    public static readonly Goal Unmap256 = new("unmap-256", "the same in C", 1.1);
    public static readonly Goal Fault = new("fault", "our bare map of one page", 3);
    public static readonly Goal ExplainStart = new("explain-start", "an empty .NET program", 2);
    public static readonly Goal Edit = new("edit", "a full run", 0.25);
    public static readonly Goal ScanImage = new("scan-image", "linear read", 1.3);

    public static ImmutableArray<Goal> All { get; } =
    [
        TranslateOne,
        TranslateBatchLimit,
        TranslateBatchC,
        TranslateBatchAddrXlat,
        TranslateSorted,
        Classify,
        Audit,
        Ranges,
        Ranges2,
        Map256,
        Unmap256,
        Fault,
        ExplainStart,
        Edit,
        ScanImage,
    ];
}

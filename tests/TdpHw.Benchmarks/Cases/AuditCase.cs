using System.Collections.Immutable;
using System.Globalization;
using TdpHw.Benchmarks.Peers;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Cases;

/// <summary>The rules of an importer over a whole tree, against one read of its tables.</summary>
internal sealed class AuditCase<TFormat, TImporter>(GuestFormat<TFormat> format, FormatRules<TImporter> importer) : TableCase<TFormat>(format)
    where TFormat : struct, IPageTableFormat<TFormat>
    where TImporter : struct, IPageTableFormat<TImporter>
{
    public override ImmutableArray<Goal> Goals => [Ratios.Goals.Audit];

    public override GuestShape Shape => GuestShape.Large;

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (run.Limits is not { } limits || run.Scanner is not { } scanner)
        {
            return [RatioRow.Skipped(Goals[0], "no C compiler")];
        }

        GuestTables<TFormat> tables = Tables(run);
        ShareReport report = Check(tables);
        run.Compare(
            $"audit, offenders among {report.EntryCount} entries", (ulong)report.OffenderCount, scanner.Audit(tables.ForPeers));
        double[] ns = Interleaved.Measure(
            tables.EntryCount,
            run.Budget,
            () => Check(tables),
            () => LinearRead(limits, tables),
            () => scanner.Audit(tables.ForPeers));
        return
        [
            RatioRow.Measured(
                Goals[0],
                ns[0],
                ns[1],
                ("tables", Shape.Name),
                ("unit", "entry"),
                ("importer", TImporter.Description.Id),
                ("offenders", report.OffenderCount.ToString(CultureInfo.InvariantCulture)),
                ("plain_c_ns", ns[2].ToString("0.000", CultureInfo.InvariantCulture))),
        ];
    }

    private ShareReport Check(GuestTables<TFormat> tables) =>
        ShareCheck.Run(tables.Memory, [tables.Root], tables.Root.Rules, null, null, importer);

    private static unsafe void LinearRead(LimitPeer limits, GuestTables<TFormat> tables) =>
        limits.LinearRead(tables.Entries, tables.EntryCount);
}

using System.Collections.Immutable;
using System.Globalization;
using TdpHw.Benchmarks.Peers;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Cases;

/// <summary>The rules of a VT-d unit over a whole EPT, against one read of its tables.</summary>
internal sealed class AuditCase : RatioCase
{
    public override ImmutableArray<Goal> Goals => [Ratios.Goals.Audit];

    public override GuestShape Shape => GuestShape.Large;

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (run.Limits is not { } limits || run.Scanner is not { } scanner)
        {
            return [RatioRow.Skipped(Goals[0], "no C compiler")];
        }

        GuestTables tables = run.Tables(Shape);
        FormatRules<VtdSecondStage> importer =
            VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = GuestTables.AddressBits });
        ShareReport report = Check(tables, importer);
        run.Compare(
            $"audit, offenders among {report.EntryCount} entries", (ulong)report.OffenderCount, scanner.Audit(tables.ForPeers));
        double[] ns = Interleaved.Measure(
            tables.EntryCount,
            run.Budget,
            () => Check(tables, importer),
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
                ("importer", "vtd-ss"),
                ("offenders", report.OffenderCount.ToString(CultureInfo.InvariantCulture)),
                ("plain_c_ns", ns[2].ToString("0.000", CultureInfo.InvariantCulture))),
        ];
    }

    private static ShareReport Check(GuestTables tables, FormatRules<VtdSecondStage> importer) =>
        ShareCheck.Run(tables.Memory, [tables.Root], tables.Root.Rules, null, null, importer);

    private static unsafe void LinearRead(LimitPeer limits, GuestTables tables) =>
        limits.LinearRead(tables.Entries, tables.EntryCount);
}

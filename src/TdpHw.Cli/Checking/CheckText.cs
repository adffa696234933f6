using System.Globalization;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.Output;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Cli.Checking;

/// <summary>Writes the answer of a check for people: the verdict, what stands in the way with its cure, what it rests on.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="answer">The answer.</param>
internal sealed class CheckText(Utf8Output output, CheckAnswer answer)
{
    private readonly ShareReport _report = answer.Report;

    /// <summary>Writes it.</summary>
    public void Write()
    {
        WriteVerdict();
        WriteFound();
        WritePossible();
        WriteAssumptions();
    }

    private void WriteVerdict()
    {
        string importer = answer.Importer.Id;
        string tables = answer.Exporter.Id == importer ? "these tables" : $"these {answer.Exporter.Id} tables";
        output.WriteLine(
            _report.IsShareable ? $"Yes: {importer} can walk {tables} as they are."
            : _report is { OffenderCount: 0, IsComplete: false } ? $"No: some of {tables} could not be judged, so nobody can say."
            : $"No: {importer} can't walk {tables} as they are.");
        if (_report.EntryCount == 0)
        {
            output.WriteLine("There is no entry; this is what the definitions say of entries that there could be.");
        }
        else if (_report.OffenderCount == 0)
        {
            output.WriteLine($"{Judged()}; none of them stands in the way.");
        }
        else
        {
            long reached = _report.Offenders.Count(o => o.IsReachable);
            string atLeast = _report.OffenderCount > _report.Offenders.Length ? "at least " : "";
            output.WriteLine(
                $"{Judged()}; {Number(_report.OffenderCount)} of them {CountText.Word(_report.OffenderCount, "stands", "stand")} in the way. "
                + $"A walk of {importer} gets to {atLeast}{Number(reached)} of these as the tables stand.");
        }

        WriteNotJudged(_report.NotInMemory, "not in memory");
        WriteNotJudged(_report.Cycles, "on their own path, a cycle");
    }

    private void WriteNotJudged(long count, string why)
    {
        if (count != 0)
        {
            output.WriteLine($"Not judged: {Number(count)} {(count == 1 ? "table" : "tables")} ({why}).");
        }
    }

    private void WriteFound()
    {
        ShareReason[] found = [.. _report.Reasons.Where(r => r.Count != 0)];
        if (found.Length == 0)
        {
            return;
        }

        output.WriteLine("\nIn the way:");
        foreach (IGrouping<(ShareCode Code, int? Bit), ShareReason> group in found.GroupBy(r => (r.Finding.Code, r.Finding.Bit)))
        {
            string bits = group.Key.Bit is int bit ? BitText.Named(1ul << bit) : "";
            string where = string.Join(" and ", group
                .GroupBy(r => r.Finding.Kind)
                .OrderBy(k => k.Key == EntryLayout.Leaf)
                .Select(k => $"{Counted(group.Key.Code, k.Sum(r => r.Count), k.Key)} ({Levels(k)})"));
            output.WriteLine(
                $"  {What(group.Key.Code, bits)}: {where}; a walk of {answer.Importer.Id} gets to {Number(group.Sum(r => r.Reachable))}");
            if (group.Key.Code == ShareCode.UnwantedMapping)
            {
                WriteMappings(group.Sum(r => r.Count));
            }

            foreach (IGrouping<string, ShareReason> cure in group.GroupBy(r => r.Cure))
            {
                bool isOfOneKind = group.Select(r => r.Finding.Kind).Distinct().Skip(1).Any()
                    && !cure.Select(r => r.Finding.Kind).Distinct().Skip(1).Any();
                string kind = isOfOneKind ? $" ({Kind(cure.First().Finding.Kind, isMany: true)})" : "";
                output.WriteLine($"    cure{kind}: {cure.Key}");
            }
        }
    }

    private void WriteMappings(long count)
    {
        IEnumerable<string> shown = answer.LiveMappings.Select(
            m => $"{m.Address} {m.Rights.ToListing()}{(m.Software is string name ? $" {name}" : "")}");
        string more = count > answer.LiveMappings.Length ? $" and {Number(count - answer.LiveMappings.Length)} more" : "";
        output.WriteLine($"    {string.Join(", ", shown)}{more}");
    }

    private void WritePossible()
    {
        ShareReason[] possible = [.. _report.Reasons.Where(r => r.Count == 0)];
        if (possible.Length == 0)
        {
            return;
        }

        output.WriteLine("\nPossible by definition, in no entry here:");
        foreach (IGrouping<(ShareCode Code, string Cure), ShareReason> group in possible.GroupBy(r => (r.Finding.Code, r.Cure)))
        {
            ulong bits = group.Aggregate(0ul, (mask, r) => mask | (r.Finding.Bit is int bit ? 1ul << bit : 0));
            string where = string.Join(" and ", group
                .GroupBy(r => r.Finding.Kind)
                .OrderBy(k => k.Key == EntryLayout.Leaf)
                .Select(k => $"{Kind(k.Key, isMany: true)} ({Levels(k)})"));
            output.WriteLine($"  {What(group.Key.Code, bits == 0 ? "" : BitText.Named(bits))}: {where}");
            output.WriteLine($"    cure: {group.Key.Cure}");
        }
    }

    private void WriteAssumptions()
    {
        string overlay = answer.Overlay is { } software ? $", written by {software.Id}" : "";
        output.WriteLine("\nAssumptions:");
        output.WriteLine(
            $"  exporter {answer.Exporter.Id}{overlay}: {CapabilitySummary.ToText(answer.ExporterCapabilities)}");
        output.WriteLine($"  importer {answer.Importer.Id}: {CapabilitySummary.ToText(answer.ImporterCapabilities)}");
        if (answer.Assumed is AssumedWidth assumed)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {assumed.Capability} {assumed.Bits} is the exporter's address width; --set {assumed.Capability}=n says another"));
        }
    }

    private string What(ShareCode code, string bits)
    {
        string importer = answer.Importer.Id;
        return code switch
        {
            ShareCode.ReservedBit => $"{bits}, reserved in {importer}",
            ShareCode.AddressWidth => $"address {bits}, beyond the width of {importer} here",
            ShareCode.PageSize => $"a page size that {importer} lacks here ({bits})",
            ShareCode.WalkDepth => $"a walk that {importer} lacks here",
            ShareCode.NotPresent => $"present to {answer.Exporter.Id}, not present to {importer}",
            ShareCode.IllegalEncoding => $"a combination that {importer} refuses",
            ShareCode.BlockedOutput => $"translated to where {importer} lets nothing go",
            ShareCode.DifferentMapping => $"another mapping to {importer}",
            ShareCode.UnwantedMapping => $"no mapping to {answer.Exporter.Id}, a live one to {importer}",
            _ => $"{bits}, with another meaning in {importer}",
        };
    }

    private static string Counted(ShareCode code, long count, EntryLayout kind) => code == ShareCode.WalkDepth
        ? $"{Number(count)} {(count == 1 ? "root" : "roots")}"
        : $"{Number(count)} {Kind(kind, count != 1)}";

    private static string Kind(EntryLayout kind, bool isMany) => (kind, isMany) switch
    {
        (EntryLayout.Leaf, true) => "leaves",
        (EntryLayout.Leaf, false) => "leaf",
        (_, true) => "table entries",
        _ => "table entry",
    };

    private static string Levels(IEnumerable<ShareReason> reasons)
    {
        int[] levels = [.. reasons.Select(r => r.Finding.Level).Distinct().Order()];
        return $"{(levels.Length == 1 ? "level" : "levels")} {string.Join(", ", levels)}";
    }

    private string Judged() => $"{Number(_report.EntryCount)} {CountText.Word(_report.EntryCount, "entry was", "entries were")} judged";

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}

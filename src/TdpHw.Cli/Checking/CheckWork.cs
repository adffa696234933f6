using System.Collections.Immutable;
using TdpHw.Cli.Images;
using TdpHw.Cli.Input;
using TdpHw.Cli.Output;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Cli.Checking;

/// <summary>Checks an image's tables against an importer, both of formats that are known at run time only.</summary>
/// <param name="importer">The hardware that would load the tables.</param>
/// <param name="maxEntries">How many entries are judged at most.</param>
/// <param name="cancellation">Ends the check.</param>
internal sealed class CheckWork(Importer importer, long maxEntries, CancellationToken cancellation) : ITableWork<CheckAnswer>
{
    private const int ShownMappings = 5;

    public CheckAnswer Run<TFormat, TMemory>(in TMemory memory, ImageTables<TFormat> tables)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        var check = new Check<TFormat, TMemory>(memory, tables, importer, maxEntries, cancellation);
        FormatRegistry.TryVisit(importer.Format.Id, check, out CheckAnswer? answer);
        return answer!;
    }

    private sealed class Check<TExporter, TMemory>(
        TMemory memory, ImageTables<TExporter> tables, Importer importer, long maxEntries, CancellationToken cancellation)
        : IFormatVisitor<CheckAnswer>
        where TExporter : struct, IPageTableFormat<TExporter>
        where TMemory : struct, IPhysicalMemory
    {
        public CheckAnswer Visit<TImporter>()
            where TImporter : struct, IPageTableFormat<TImporter>
        {
            (CapabilityValues capabilities, AssumedWidth? assumed) = importer.CapabilitiesBeside(tables.Rules.OutputBits);
            FormatRules<TImporter> rules = TImporter.RulesFor(capabilities);
            ShareReport report = ShareCheck.Run(
                in memory,
                [.. tables.Roots.Select(r => r.Root)],
                tables.Rules,
                tables.Overlay?.Overlay,
                tables.Overlay?.Variant,
                rules,
                new ShareOptions { MaxEntries = maxEntries },
                cancellation);

            // What was not judged may hold anything: an answer from a part would be a guess.
            return report.IsCut
                ? throw new InputException(
                    $"the check is cut after {CountText.Of(maxEntries, "entry", "entries")}; allow more with --max-rows")
                : new CheckAnswer
                {
                    Report = report,
                    Exporter = TExporter.Description,
                    ExporterCapabilities = tables.Rules.Capabilities,
                    Overlay = tables.Overlay,
                    Importer = TImporter.Description,
                    ImporterCapabilities = capabilities,
                    Assumed = assumed,
                    LiveMappings = FirstMappings(report, rules),
                };
        }

        private ImmutableArray<LiveMapping> FirstMappings<TImporter>(ShareReport report, FormatRules<TImporter> rules)
            where TImporter : struct, IPageTableFormat<TImporter> =>
        [
            .. report.Offenders
                .Where(o => o.Findings.Any(f => f.Code == ShareCode.UnwantedMapping))
                .Take(ShownMappings)
                .Select(o => new LiveMapping(
                    o.Address, rules[o.Level].RightsOf(o.Entry), tables.Overlay?.Variant.MeaningOf(o.Entry)?.Name)),
        ];
    }
}

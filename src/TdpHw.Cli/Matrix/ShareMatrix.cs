using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Cli.Matrix;

/// <summary>Who can share tables with whom: every exporter with every importer of another format, from definitions alone.</summary>
internal static class ShareMatrix
{
    /// <summary>Judges all pairs, exporter by exporter.</summary>
    public static IEnumerable<MatrixPair> Judge() =>
        from exporter in MatrixExporter.All
        from importer in FormatRegistry.Formats
        where exporter.Format != importer
        select Judge(exporter, importer);

    /// <summary>Judges one pair: on the usual machines, and if something stands in the way, on others.</summary>
    public static MatrixPair Judge(MatrixExporter exporter, FormatDescription importer)
    {
        FormatRegistry.TryVisit(exporter.Format.Id, new ExporterVisitor(exporter, importer), out MatrixPair? pair);
        return pair!;
    }

    private sealed class ExporterVisitor(MatrixExporter exporter, FormatDescription importer) : IFormatVisitor<MatrixPair>
    {
        public MatrixPair Visit<TExporter>()
            where TExporter : struct, IPageTableFormat<TExporter>
        {
            FormatRegistry.TryVisit(importer.Id, new ImporterVisitor<TExporter>(exporter), out MatrixPair? pair);
            return pair!;
        }
    }

    private sealed class ImporterVisitor<TExporter>(MatrixExporter exporter) : IFormatVisitor<MatrixPair>
        where TExporter : struct, IPageTableFormat<TExporter>
    {
        public MatrixPair Visit<TImporter>()
            where TImporter : struct, IPageTableFormat<TImporter>
        {
            CapabilityValues usual = TExporter.Description.DefaultCapabilities;
            CapabilityValues wide = AsWide(TImporter.Description, TExporter.RulesFor(usual).OutputBits);
            var judge = new PairJudge<TExporter, TImporter>(exporter.Variant);
            MatrixPair start = PairOf(judge, usual, wide);
            MatrixPair found = Improve(judge, start);
            return found.Obstacles.Length == 0 ? Pruned(judge, found) : start;
        }

        /// <summary>Changes the flag that takes most out of the way, again and again, until nothing is or no flag helps.</summary>
        private MatrixPair Improve<TImporter>(PairJudge<TExporter, TImporter> judge, MatrixPair pair)
            where TImporter : struct, IPageTableFormat<TImporter>
        {
            while (pair.Obstacles.Length != 0)
            {
                MatrixPair? best = Neighbours(pair)
                    .Select(c => PairOf(judge, c.Exporter, c.Importer))
                    .MinBy(p => p.Obstacles.Length);
                if (best is null || best.Obstacles.Length >= pair.Obstacles.Length)
                {
                    return pair;
                }

                pair = best;
            }

            return pair;
        }

        /// <summary>Takes back what was changed and is not needed.</summary>
        private MatrixPair Pruned<TImporter>(PairJudge<TExporter, TImporter> judge, MatrixPair pair)
            where TImporter : struct, IPageTableFormat<TImporter>
        {
            foreach ((CapabilityValues exporters, CapabilityValues importers) in Neighbours(pair))
            {
                MatrixPair fewer = PairOf(judge, exporters, importers);
                if (fewer.Changes < pair.Changes && fewer.Obstacles.Length == 0)
                {
                    return Pruned(judge, fewer);
                }
            }

            return pair;
        }

        private IEnumerable<(CapabilityValues Exporter, CapabilityValues Importer)> Neighbours(MatrixPair pair) =>
            FlagSettings.OneChanged(pair.ExporterCapabilities)
                .Where(exporter.Allows)
                .Select(e => (e, pair.ImporterCapabilities))
                .Concat(FlagSettings.OneChanged(pair.ImporterCapabilities).Select(i => (pair.ExporterCapabilities, i)));

        private MatrixPair PairOf<TImporter>(
            PairJudge<TExporter, TImporter> judge, CapabilityValues exporters, CapabilityValues importers)
            where TImporter : struct, IPageTableFormat<TImporter>
        {
            FormatRules<TExporter> rules = TExporter.RulesFor(exporters);
            FormatRules<TImporter> importer = TImporter.RulesFor(importers);
            ILookup<bool, ShareFinding> findings = judge.Judge(rules, importer)
                .ToLookup(f => PairJudge<TExporter, TImporter>.IsHarmless(f, importer));
            return new MatrixPair
            {
                Exporter = exporter,
                Importer = TImporter.Description,
                ExporterCapabilities = exporters,
                ImporterCapabilities = importers,
                Changes = FlagSettings.CountChanges(exporters) + FlagSettings.CountChanges(importers),
                Obstacles = [.. findings[false]],
                Meanings = [.. findings[true]],
            };
        }

        // The same machine most often: without this, a width that nobody chose would decide.
        private static CapabilityValues AsWide(FormatDescription importer, int width)
        {
            CapabilityValues usual = importer.DefaultCapabilities;
            if (importer.AddressLimit is not string limit)
            {
                return usual;
            }

            CapabilityDescription capability = usual.Descriptions[usual.IndexOf(limit)];
            return usual.With(limit, Math.Clamp(width, capability.Minimum, capability.Maximum));
        }
    }
}

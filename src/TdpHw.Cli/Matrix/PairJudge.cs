using System.Collections.Immutable;
using System.Numerics;
using TdpHw.Cli.Vectors;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Cli.Matrix;

/// <summary>
/// Judges two formats from their definitions alone: what the proof says of reserved bits, and how the importer reads each kind of
/// entry that the exporter's hardware accepts, and each that it does not.
/// </summary>
/// <param name="variant">How the exporting software uses its format; null for none.</param>
internal sealed class PairJudge<TExporter, TImporter>(OverlayVariant? variant)
    where TExporter : struct, IPageTableFormat<TExporter>
    where TImporter : struct, IPageTableFormat<TImporter>
{
    /// <summary>All that stands in the way of some table, with bits that merely mean something else.</summary>
    public ImmutableArray<ShareFinding> Judge(FormatRules<TExporter> exporter, FormatRules<TImporter> importer)
    {
        int levels = exporter.Walks.Max(w => w.Levels);
        HashSet<ShareFinding> findings = [.. ShareProof.Compare(exporter, variant, importer, levels)];
        for (int level = 1; level <= Math.Min(levels, importer.MaxLevel); level++)
        {
            foreach (EntryLayout kind in (EntryLayout[])[EntryLayout.Table, EntryLayout.Leaf])
            {
                AddReading(findings, exporter[level], importer[level], kind);
            }

            AddMappings(findings, importer[level]);
        }

        return [.. findings];
    }

    /// <summary>Whether a finding leaves all entries as they are: a bit with another meaning that the importer's walk does not ask.</summary>
    public static bool IsHarmless(ShareFinding finding, FormatRules<TImporter> importer) =>
        finding is { Code: ShareCode.DifferentMeaning, Bit: int bit }
        && (SampleEntry.JudgedBits(importer[finding.Level]) >> bit & 1) == 0;

    private static void AddReading(HashSet<ShareFinding> findings, LevelRules exporter, LevelRules importer, EntryLayout kind)
    {
        ulong address = kind == EntryLayout.Leaf ? exporter.LeafAddress : exporter.TableAddress;
        foreach (ulong sample in SampleEntry.All(exporter, kind))
        {
            Add(findings, exporter, importer, kind, sample);

            // Each address bit by itself tells whether both take it for the same one; one entry is enough to ask.
            for (; address != 0; address &= address - 1)
            {
                ulong entry = sample | (1ul << BitOperations.TrailingZeroCount(address));
                if (exporter.KindOf(entry) == exporter.KindOf(sample))
                {
                    Add(findings, exporter, importer, kind, entry);
                }
            }
        }
    }

    private static void Add(
        HashSet<ShareFinding> findings, LevelRules exporter, LevelRules importer, EntryLayout kind, ulong entry)
    {
        if (CodeOf(exporter, importer, entry) is ShareCode code)
        {
            findings.Add(new ShareFinding(code, null, exporter.Level, kind));
        }
    }

    private static ShareCode? CodeOf(LevelRules exporter, LevelRules importer, ulong entry)
    {
        EntryKind kind = exporter.KindOf(entry);
        EntryKind seen = importer.KindOf(entry);
        switch (seen)
        {
            case EntryKind.NotPresent:
                return ShareCode.NotPresent;
            case EntryKind.IllegalEncoding:
                return ShareCode.IllegalEncoding;
            case EntryKind.ReservedBitSet:
                // The proof names the bits.
                return null;
        }

        const Rights compared = Rights.Read | Rights.Write;
        bool isSame = seen == kind
            && Output(exporter, kind, entry, TExporter.AddressShift) == Output(importer, seen, entry, TImporter.AddressShift)
            && (kind == EntryKind.Table || exporter.PageSize == importer.PageSize)
            && (exporter.RightsOf(entry) & compared) == (importer.RightsOf(entry) & compared);
        return isSame ? null : ShareCode.DifferentMapping;
    }

    private static ulong Output(LevelRules rules, EntryKind kind, ulong entry, int shift) =>
        (entry & (kind == EntryKind.Leaf ? rules.LeafAddress : rules.TableAddress)) << shift;

    private void AddMappings(HashSet<ShareFinding> findings, LevelRules importer)
    {
        IEnumerable<ulong> empty = variant?.EmptyValues ?? [0];
        IEnumerable<ulong> special = importer.Level == 1
            ? (variant?.Encodings ?? []).SelectMany(e => e.Tests).Select(t => t.Value | (t.Any & ~t.Flip))
            : [];
        foreach (ulong entry in empty.Concat(special))
        {
            EntryKind seen = importer.KindOf(entry);
            if (seen is EntryKind.Leaf or EntryKind.Table)
            {
                findings.Add(new ShareFinding(
                    ShareCode.UnwantedMapping, null, importer.Level, seen == EntryKind.Leaf ? EntryLayout.Leaf : EntryLayout.Table));
            }
        }
    }
}

using System.Collections.Immutable;
using System.Numerics;
using TdpHw.Formats;

namespace TdpHw.Core.Sharing;

/// <summary>
/// What definitions and capabilities alone say: for each level and kind of entry, is every bit that the importer reserves one
/// that the exporter promises to leave zero? What holds here holds for every table that the exporter can write.
/// </summary>
/// <remarks>
/// The contract is the one of the series "Sharing KVM TDP to IOMMU", patch 02: a bit that is reported as must-be-zero is never
/// set, not even for software use, and the importer compares with its own reserved bits before loading the table.
/// </remarks>
public static class ShareProof
{
    /// <summary>All that stands in the way of some table of <paramref name="levels"/> levels.</summary>
    /// <typeparam name="TExporter">The format that the tables are written in.</typeparam>
    /// <typeparam name="TImporter">The format that they would be read in.</typeparam>
    /// <param name="exporter">The exporter's rules.</param>
    /// <param name="variant">How the exporting software uses its format; null for a table that only the hardware's rules bind.</param>
    /// <param name="importer">The importer's rules.</param>
    /// <param name="levels">The levels of the exporter's walk.</param>
    public static ImmutableArray<ShareFinding> Compare<TExporter, TImporter>(
        FormatRules<TExporter> exporter, OverlayVariant? variant, FormatRules<TImporter> importer, int levels)
        where TExporter : struct, IPageTableFormat<TExporter>
        where TImporter : struct, IPageTableFormat<TImporter>
    {
        ArgumentNullException.ThrowIfNull(exporter);
        ArgumentNullException.ThrowIfNull(importer);
        var findings = ImmutableArray.CreateBuilder<ShareFinding>();
        if (!HasWalk(importer, levels))
        {
            findings.Add(new ShareFinding(ShareCode.WalkDepth, null, levels, EntryLayout.Table));
        }

        for (int level = 1; level <= Math.Min(levels, importer.MaxLevel); level++)
        {
            foreach (EntryLayout kind in KindsOf(exporter[level]))
            {
                AddMissing(findings, exporter[level], variant, importer[level], kind);
                AddMeanings<TExporter, TImporter>(findings, exporter, variant, importer, level, kind);
            }
        }

        return findings.ToImmutable();
    }

    /// <summary>Whether the importer can walk as many levels.</summary>
    internal static bool HasWalk<TImporter>(FormatRules<TImporter> importer, int levels)
        where TImporter : struct, IPageTableFormat<TImporter> => importer.Walks.Any(w => w.Levels == levels);

    /// <summary>What a bit that the importer reserves is called.</summary>
    internal static ShareCode CodeOf(LevelRules exporter, LevelRules importer, EntryLayout kind, int bit)
    {
        ulong mask = 1ul << bit;
        ulong address = kind == EntryLayout.Leaf ? exporter.LeafAddress | exporter.CodedAddress : exporter.TableAddress;
        bool isAddress = ((address | exporter.HighAddress) & mask) != 0;
        bool selectsLeaf = exporter.Leaf.Any(r => r.Supported && (r.Test.Mask & mask) != 0);
        return isAddress ? ShareCode.AddressWidth
            : selectsLeaf ? ShareCode.PageSize
            : ShareCode.ReservedBit;
    }

    /// <summary>The bits that the importer holds reserved in what the exporter calls a leaf or a table.</summary>
    internal static ulong ReservedInImporter(LevelRules importer, EntryLayout kind)
    {
        if (kind == EntryLayout.Table)
        {
            return importer.TableReserved;
        }

        return importer.Leaf.Any(r => r.Supported) ? importer.LeafReserved
            : importer.Leaf.Length > 0 ? importer.RefusedReserved
            : importer.TableReserved;
    }

    private static IEnumerable<EntryLayout> KindsOf(LevelRules rules)
    {
        if (rules.TableAddress != 0)
        {
            yield return EntryLayout.Table;
        }

        if (rules.Leaf.Any(r => r.Supported))
        {
            yield return EntryLayout.Leaf;
        }
    }

    private static void AddMissing(
        ImmutableArray<ShareFinding>.Builder findings,
        LevelRules exporter,
        OverlayVariant? variant,
        LevelRules importer,
        EntryLayout kind)
    {
        ulong promised = exporter.ReservedIn(kind) | (variant?.MustBeZero ?? 0);
        for (ulong missing = ReservedInImporter(importer, kind) & ~promised; missing != 0; missing &= missing - 1)
        {
            int bit = BitOperations.TrailingZeroCount(missing);
            findings.Add(new ShareFinding(CodeOf(exporter, importer, kind, bit), bit, exporter.Level, kind));
        }
    }

    private static void AddMeanings<TExporter, TImporter>(
        ImmutableArray<ShareFinding>.Builder findings,
        FormatRules<TExporter> exporter,
        OverlayVariant? variant,
        FormatRules<TImporter> importer,
        int level,
        EntryLayout kind)
        where TExporter : struct, IPageTableFormat<TExporter>
        where TImporter : struct, IPageTableFormat<TImporter>
    {
        ulong promised = exporter[level].ReservedIn(kind) | (variant?.MustBeZero ?? 0);
        foreach (FieldDescription field in InForce(TImporter.Description.Fields, level, kind, importer.Capabilities))
        {
            if (field.Role == FieldRole.Address)
            {
                continue;
            }

            ulong same = InForce(TExporter.Description.Fields, level, kind, exporter.Capabilities)
                .Where(f => f.Name == field.Name)
                .Aggregate(0ul, (mask, f) => mask | f.Mask);
            ulong other = Used<TExporter>(exporter, variant, level, kind) & ~same;
            for (ulong bits = field.Mask & other & ~promised; bits != 0; bits &= bits - 1)
            {
                findings.Add(new ShareFinding(
                    ShareCode.DifferentMeaning, BitOperations.TrailingZeroCount(bits), level, kind));
            }
        }
    }

    private static ulong Used<TExporter>(
        FormatRules<TExporter> exporter, OverlayVariant? variant, int level, EntryLayout kind)
        where TExporter : struct, IPageTableFormat<TExporter> =>
        InForce(TExporter.Description.Fields, level, kind, exporter.Capabilities)
            .Concat(variant is null ? [] : variant.Fields.Where(f => f.AppliesTo(level, kind)))
            .Where(f => f.Role != FieldRole.Address)
            .Aggregate(0ul, (mask, f) => mask | f.Mask);

    private static IEnumerable<FieldDescription> InForce(
        ImmutableArray<FieldDescription> fields, int level, EntryLayout kind, CapabilityValues capabilities) =>
        fields.Where(f => f.AppliesTo(level, kind) && f.Condition.Holds(capabilities)).Select(f => f.On(capabilities));
}

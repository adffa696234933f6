using System.Collections.Immutable;
using TdpHw.Cli.Images;
using TdpHw.Cli.Listing;
using TdpHw.Formats;

namespace TdpHw.Cli.Overview;

/// <summary>Looks an image through for an overview.</summary>
/// <param name="maxRows">How many leaves, and how many special entries, are looked at for each root.</param>
/// <param name="findings">Where it could not go on.</param>
/// <param name="progress">How far it is.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class OverviewSurvey(
    long maxRows, Findings findings, Progress progress, CancellationToken cancellation) : ITableWork<ImageOverview>
{
    /// <summary>More ranges than this are for a listing.</summary>
    public const int MaxRanges = 40;

    // Tables that share tables map more than an overview should wait for; the counts are exact all the same.
    private const long MaxLooked = 1L << 22;

    public ImageOverview Run<TFormat, TMemory>(in TMemory memory, ImageTables<TFormat> tables)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        ImmutableArray<RootOverview>.Builder roots = ImmutableArray.CreateBuilder<RootOverview>();
        foreach (NamedRoot<TFormat> root in tables.Roots)
        {
            roots.Add(Look(in memory, tables, root));
        }

        progress.End();
        findings.TellRest();
        return new ImageOverview(
            tables.Location, TFormat.Description, tables.Rules.Capabilities, tables.Overlay, roots.ToImmutable());
    }

    private RootOverview Look<TFormat, TMemory>(
        in TMemory memory, ImageTables<TFormat> tables, NamedRoot<TFormat> named)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        Root<TFormat> root = named.Root;
        var overview = new RootOverview
        {
            Names = named.Names,
            Table = root.Table,
            Levels = root.Levels,
            InputBits = root.InputBits,
        };
        if (!FindingScan.Run(in memory, named, findings, progress))
        {
            return overview;
        }

        overview = overview with { Counts = TreeCounter.Count(in memory, root, tables.EmptyValues, cancellation) };
        if (findings.AreTooMany)
        {
            return overview with { IsCut = true };
        }

        List<MappedRange> ranges = [];
        (long rangeCount, bool areRangesCut) = FindRanges(in memory, tables, root, ranges);
        (ImmutableArray<SpecialCount> specials, bool areSpecialsCut) = CountSpecials(in memory, tables, root);
        return overview with
        {
            Ranges = [.. ranges],
            RangeCount = rangeCount,
            Specials = specials,
            IsCut = areRangesCut || areSpecialsCut,
        };
    }

    private (long Count, bool IsCut) FindRanges<TFormat, TMemory>(
        in TMemory memory, ImageTables<TFormat> tables, Root<TFormat> root, List<MappedRange> ranges)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        long count = 0;
        var cursor = new RangeCursor<TFormat, TMemory>(
            in memory, root, Math.Min(maxRows, MaxLooked), tables.EmptyValues);
        while (cursor.MoveNext())
        {
            progress.Step(count);
            if (++count <= MaxRanges)
            {
                ranges.Add(cursor.Current);
            }
        }

        return (count, cursor.IsCut);
    }

    private (ImmutableArray<SpecialCount> Counts, bool IsCut) CountSpecials<TFormat, TMemory>(
        in TMemory memory, ImageTables<TFormat> tables, Root<TFormat> root)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        FormatDescription format = TFormat.Description;
        var counts = new Dictionary<(string Kind, string? Software), long>();
        long left = Math.Min(maxRows, MaxLooked);
        var cursor = new TableCursor<TFormat, TMemory>(in memory, root, Wanted.Specials, tables.EmptyValues);
        while (left != 0 && cursor.MoveNext())
        {
            progress.Step(0);
            CursorEntry entry = cursor.Current;
            if (entry.Kind == EntryKind.Table)
            {
                continue;
            }

            left--;
            (string, string?) key =
                (format.ListingWord(entry.Kind), tables.Overlay?.Variant.MeaningOf(entry.Entry)?.Name);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        return (
            [
                .. counts
                    .OrderByDescending(c => c.Value)
                    .ThenBy(c => c.Key.Kind, StringComparer.Ordinal)
                    .ThenBy(c => c.Key.Software, StringComparer.Ordinal)
                    .Select(c => new SpecialCount(c.Key.Kind, c.Key.Software, c.Value)),
            ],
            left == 0 && cursor.MoveNext());
    }
}

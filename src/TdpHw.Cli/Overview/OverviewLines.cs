using System.Globalization;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.Listing;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Overview;

/// <summary>The sentences of an overview, the same on a terminal and in plain text.</summary>
internal static class OverviewLines
{
    /// <summary>What was looked at, as names and values.</summary>
    public static IEnumerable<(string Name, string Value)> Head(ImageOverview overview)
    {
        yield return ("image", Terminal.OneLine(overview.Location));
        yield return ("format", $"{overview.Format.Id}: {overview.Format.Summary}");
        yield return ("hardware", CapabilitySummary.ToText(overview.Capabilities));
        if (overview.Overlay is { } overlay)
        {
            yield return ("software", $"{overlay.Id}: {overlay.Variant.Summary}");
        }
    }

    /// <summary>The title of a root.</summary>
    public static string Title(RootOverview root)
    {
        string names = root.Names.IsEmpty ? "" : Terminal.OneLine($" ({string.Join(", ", root.Names)})");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"root {root.Table}{names}: {CountText.Of(root.Levels, "level", "levels")}, {root.InputBits}-bit addresses");
    }

    /// <summary>The cells of a range: address, output, size, rights, memory type.</summary>
    public static string[] Cells(MappedRange range, MemoryTypeNames memoryTypes) =>
    [
        $"{range.Address}", $"{range.Output}", HumanSize.Of(range.Size), range.Rights.ToListing(),
        memoryTypes[range.MemoryType] ?? "-",
    ];

    /// <summary>What to say below the ranges; null when all are shown.</summary>
    public static string? MoreRanges(RootOverview root)
    {
        long more = root.RangeCount - root.Ranges.Length;
        string atLeast = root.IsCut ? "at least " : "";
        return (more, root.IsCut) switch
        {
            (0, false) => null,
            (0, true) => "… too much to look at here, see --ranges",
            _ => string.Create(CultureInfo.InvariantCulture, $"… {atLeast}{more} more, see --ranges"),
        };
    }

    /// <summary>How many entries of a kind there are.</summary>
    public static string Special(SpecialCount special) => string.Create(
        CultureInfo.InvariantCulture,
        $"{special.Count} {special.Kind}{(special.Software is null ? "" : $", to the software {special.Software}")}");

    /// <summary>The names of the counts of a level.</summary>
    public static string[] CountNames { get; } =
        ["level", "page", "to tables", "leaves", "accessed", "dirty", "malformed", "not present"];

    /// <summary>The counts of each level, the root's first.</summary>
    public static IEnumerable<string[]> CountRows(FormatDescription format, TreeCounts counts)
    {
        for (int level = counts.Levels.Count; level >= 1; level--)
        {
            LevelCounts c = counts.Levels[level - 1];
            ulong size = 1ul << (format.PageShift + ((level - 1) * format.IndexBits));
            yield return
            [
                level.ToString(CultureInfo.InvariantCulture), HumanSize.Of(size), Number(c.Tables), Number(c.Leaves),
                Number(c.Accessed), Number(c.Dirty), Number(c.Malformed), Number(c.NotPresent),
            ];
        }
    }

    private static string Number(ulong count) => count.ToString(CultureInfo.InvariantCulture);
}

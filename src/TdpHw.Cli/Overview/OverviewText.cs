using TdpHw.Cli.Listing;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.Overview;

/// <summary>Writes an overview as plain text.</summary>
internal static class OverviewText
{
    /// <summary>Writes it.</summary>
    public static void Write(Utf8Output output, ImageOverview overview)
    {
        foreach ((string name, string value) in OverviewLines.Head(overview))
        {
            output.WriteLine($"{name,-9} {value}");
        }

        var memoryTypes = new MemoryTypeNames(overview.Format);
        foreach (RootOverview root in overview.Roots)
        {
            output.WriteLine();
            output.WriteLine(OverviewLines.Title(root));
            Write(output, overview, root, memoryTypes);
        }
    }

    private static void Write(Utf8Output output, ImageOverview overview, RootOverview root, MemoryTypeNames memoryTypes)
    {
        if (root.Counts is not { } counts)
        {
            output.WriteLine("  the root table is not in memory");
            return;
        }

        TextTable.Write(
            output, [OverviewLines.CountNames, .. OverviewLines.CountRows(overview.Format, counts)], 2, 1, 2, 3, 4, 5, 6, 7);
        output.WriteLine();
        TextTable.Write(output, [.. root.Ranges.Select(r => WithArrow(OverviewLines.Cells(r, memoryTypes)))], 2, 3);
        if (root.Ranges.IsEmpty && !root.IsCut)
        {
            output.WriteLine("  nothing is mapped");
        }

        if (OverviewLines.MoreRanges(root) is string more)
        {
            output.WriteLine($"  {more}");
        }

        foreach (SpecialCount special in root.Specials)
        {
            output.WriteLine($"  {OverviewLines.Special(special)}");
        }
    }

    private static string[] WithArrow(string[] cells) => [cells[0], "->", .. cells[1..]];
}

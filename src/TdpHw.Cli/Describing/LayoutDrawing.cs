using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace TdpHw.Cli.Describing;

/// <summary>Draws an entry with characters: four rows of 16 bits, as wide as a terminal.</summary>
internal static class LayoutDrawing
{
    private const int BitsOfRow = 16;
    private const int ColumnsOfBit = 5;

    /// <summary>The lines of the drawing.</summary>
    public static IEnumerable<string> Of(LayoutPicture picture)
    {
        string rule = "";
        foreach (ImmutableArray<LayoutCell> row in LayoutCell.Cut(picture, BitsOfRow))
        {
            string lower = Rule(row);
            yield return Numbers(row);
            yield return lower;
            yield return $"|{string.Concat(row.Select(c => $"{Centred(c)}|"))}";
            rule = lower;
        }

        yield return rule;
    }

    private static string Rule(ImmutableArray<LayoutCell> row) =>
        $"+{string.Concat(row.Select(c => $"{new string('-', Inner(c))}+"))}";

    private static string Numbers(ImmutableArray<LayoutCell> row)
    {
        var line = new StringBuilder();
        foreach (LayoutCell cell in row)
        {
            string high = cell.Bits.High.ToString(CultureInfo.InvariantCulture);
            string low = cell.Bits.Width == 1 ? "" : cell.Bits.Low.ToString(CultureInfo.InvariantCulture);
            line.Append(' ').Append(high).Append(' ', Inner(cell) - high.Length - low.Length).Append(low);
        }

        return line.ToString().TrimEnd();
    }

    private static int Inner(LayoutCell cell) => (cell.Bits.Width * ColumnsOfBit) - 1;

    private static string Centred(LayoutCell cell)
    {
        int width = Inner(cell);
        string text = cell.Label.Length <= width ? cell.Label : cell.ShortLabel;
        text = text.Length <= width ? text : text[..width];
        return text.PadLeft(text.Length + ((width - text.Length) / 2)).PadRight(width);
    }
}

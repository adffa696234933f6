namespace TdpHw.Cli.Output;

/// <summary>Aligns cells in columns of plain text.</summary>
internal static class TextTable
{
    /// <summary>Writes rows with as much space as the widest cell of each column needs.</summary>
    /// <param name="output">Where they go.</param>
    /// <param name="rows">The cells; all rows have as many.</param>
    /// <param name="indent">Spaces before each row.</param>
    /// <param name="rightAligned">The columns whose cells are numbers.</param>
    public static void Write(
        Utf8Output output, IReadOnlyList<string[]> rows, int indent = 2, params ReadOnlySpan<int> rightAligned)
    {
        if (rows.Count == 0)
        {
            return;
        }

        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        foreach (string[] row in rows)
        {
            string line = new(' ', indent);
            for (int column = 0; column < row.Length; column++)
            {
                line += rightAligned.Contains(column) ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column]);
                line += "  ";
            }

            output.WriteLine(line.TrimEnd());
        }
    }
}

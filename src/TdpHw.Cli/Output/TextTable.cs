namespace TdpHw.Cli.Output;

/// <summary>Aligns cells in columns of plain text.</summary>
internal static class TextTable
{
    private const int Gap = 2;

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

        var widths = new int[rows[0].Length];
        foreach (string[] row in rows)
        {
            for (int column = 0; column < row.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Length);
            }
        }

        var isRight = new bool[widths.Length];
        foreach (int column in rightAligned)
        {
            isRight[column] = true;
        }

        foreach (string[] row in rows)
        {
            // Written before the next cell that is not empty, so that no line ends with spaces.
            int spaces = indent;
            for (int column = 0; column < row.Length; column++)
            {
                string cell = row[column];
                int rest = widths[column] - cell.Length;
                spaces += isRight[column] ? rest : 0;
                if (cell.Length != 0)
                {
                    WriteSpaces(output, spaces);
                    output.Write(cell);
                    spaces = 0;
                }

                spaces += (isRight[column] ? 0 : rest) + Gap;
            }

            output.WriteLine();
        }
    }

    private static void WriteSpaces(Utf8Output output, int count)
    {
        ReadOnlySpan<byte> some = "                                "u8;
        for (; count > some.Length; count -= some.Length)
        {
            output.Write(some);
        }

        output.Write(some[..count]);
    }
}

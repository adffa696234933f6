using System.Text.Json;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>Lists the formats that there are.</summary>
internal static class FormatList
{
    /// <summary>Writes the list.</summary>
    public static void Write(Utf8Output output, OutputForm form)
    {
        switch (form)
        {
            case OutputForm.Text:
                TextTable.Write(output, [.. FormatRegistry.Formats.Select(Cells)], indent: 0);
                break;
            case OutputForm.Tsv:
                output.WriteLine("id\tlevels\tsummary");
                foreach (FormatDescription format in FormatRegistry.Formats)
                {
                    output.WriteLine(string.Join('\t', format.Id, LevelsOf(format, ","), format.Summary));
                }

                break;
            default:
                WriteJson(output, isArray: form == OutputForm.Json);
                break;
        }
    }

    private static string[] Cells(FormatDescription format) =>
        [format.Id, Depths([.. format.Walks.Select(w => w.Shape.Levels).Distinct().Order()]), format.Summary];

    /// <summary>The depths of walk, ascending: <c>3 levels</c>, <c>4 or 5 levels</c>, <c>1 to 6 levels</c>.</summary>
    private static string Depths(int[] levels)
    {
        bool isRun = levels.Length > 2 && levels[^1] - levels[0] == levels.Length - 1;
        string depths = isRun ? $"{levels[0]} to {levels[^1]}" : string.Join(" or ", levels);
        return $"{depths} {CountText.Word(levels is [1] ? 1 : 2, "level", "levels")}";
    }

    private static string LevelsOf(FormatDescription format, string separator) =>
        string.Join(separator, format.Walks.Select(w => w.Shape.Levels));

    private static void WriteJson(Utf8Output output, bool isArray)
    {
        using Utf8JsonWriter json = JsonText.CreateWriter(output, isIndented: isArray);
        if (isArray)
        {
            json.WriteStartArray();
        }

        foreach (FormatDescription format in FormatRegistry.Formats)
        {
            json.WriteStartObject();
            json.WriteString("id", format.Id);
            json.WriteStartArray("levels");
            foreach (WalkDescription walk in format.Walks)
            {
                json.WriteNumberValue(walk.Shape.Levels);
            }

            json.WriteEndArray();
            json.WriteString("summary", format.Summary);
            json.WriteEndObject();
            if (!isArray)
            {
                json.Flush();
                json.Reset();
                output.WriteLine();
            }
        }

        if (isArray)
        {
            json.WriteEndArray();
            json.Flush();
            output.WriteLine();
        }
    }
}

using System.Globalization;
using System.Text.Json;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>Prints rows for people or for programs.</summary>
internal static class RatioTable
{
    /// <summary>One line a row, in columns.</summary>
    public static void WriteText(TextWriter output, IEnumerable<RatioRow> rows)
    {
        output.WriteLine($"{"case",-24} {"ours ns",12} {"peer ns",12} {"ratio",7} {"goal",6} {"met",-4} peer, parameters");
        foreach (RatioRow row in rows)
        {
            string parameters = string.Join(", ", row.Parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key} {p.Value}"));
            string met = row.IsMet switch { true => "yes", false => "no", null => "-" };
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Goal.Case,-24} {Number(row.OursNs),12} {Number(row.PeerNs),12} {Number(row.Ratio),7} {row.Goal.Limit,6} {met,-4} {row.Goal.Peer}; {parameters}"));
        }
    }

    /// <summary>One JSON array.</summary>
    public static void WriteJson(Stream output, IEnumerable<RatioRow> rows)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (RatioRow row in rows)
            {
                row.WriteTo(json);
            }

            json.WriteEndArray();
        }

        output.Write("\n"u8);
    }

    private static string Number(double? value) =>
        value is { } number ? number.ToString(number < 1 ? "0.000" : number < 100 ? "0.00" : "0", CultureInfo.InvariantCulture) : "-";
}

using System.Text.Json;
using TdpHw.Cli.Checking;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Cli.Matrix;

/// <summary>Writes the matrix as JSON. Scripts rely on the keys.</summary>
internal static class MatrixJson
{
    /// <summary>Writes a pair as an object.</summary>
    public static void Write(Utf8JsonWriter json, MatrixPair pair)
    {
        json.WriteStartObject();
        json.WriteString("exporter", pair.Exporter.Format.Id);
        json.WriteString("overlay", pair.Exporter.Overlay is null ? null : pair.Exporter.Name);
        json.WriteString("importer", pair.Importer.Id);
        json.WriteString("verdict", pair.Verdict);
        WriteChanges(json, "exporter_settings", pair.ExporterCapabilities);
        WriteChanges(json, "importer_settings", pair.ImporterCapabilities);
        json.WriteStartArray("reasons");
        foreach (ShareFinding finding in pair.Obstacles.Concat(pair.Meanings).OrderBy(f => f.Code).ThenBy(f => f.Bit).ThenBy(f => f.Level))
        {
            json.WriteStartObject();
            json.WriteString("code", ReasonWords.Of(finding.Code));
            if (finding.Bit is int bit)
            {
                json.WriteNumber("bit", bit);
            }
            else
            {
                json.WriteNull("bit");
            }

            json.WriteNumber("level", finding.Level);
            json.WriteString("kind", ReasonWords.Of(finding.Kind));
            json.WriteBoolean("in_the_way", pair.Obstacles.Contains(finding));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteChanges(Utf8JsonWriter json, string name, CapabilityValues capabilities)
    {
        json.WriteStartObject(name);
        foreach ((string flag, bool isOn) in FlagSettings.Changed(capabilities))
        {
            json.WriteBoolean(flag, isOn);
        }

        json.WriteEndObject();
    }
}

using System.Text.Json;
using TdpHw.Cli.Checking;
using TdpHw.Cli.Output;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Cli.Matrix;

/// <summary>Writes the matrix as JSON. Scripts rely on the keys.</summary>
internal static class MatrixJson
{
    /// <summary>Writes an object for each pair.</summary>
    /// <param name="output">Where they go.</param>
    /// <param name="pairs">The pairs, written as they are judged.</param>
    /// <param name="isArray">Whether all of them make one array.</param>
    public static void Write(Utf8Output output, IEnumerable<MatrixPair> pairs, bool isArray)
    {
        var objects = new JsonObjects(output, isArray);
        objects.Begin();
        foreach (MatrixPair pair in pairs)
        {
            Write(objects.BeginObject(), pair);
            objects.EndObject();
        }

        objects.End();
    }

    private static void Write(Utf8JsonWriter json, MatrixPair pair)
    {
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
            json.WriteNumber("bit", finding.Bit);
            json.WriteNumber("level", finding.Level);
            json.WriteString("kind", ReasonWords.Of(finding.Kind));
            json.WriteBoolean("in_the_way", pair.Obstacles.Contains(finding));
            json.WriteEndObject();
        }

        json.WriteEndArray();
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

using System.Text.Json;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.Output;
using TdpHw.Core.Sharing;

namespace TdpHw.Cli.Checking;

/// <summary>Writes the answer of a check as JSON. Scripts rely on the keys.</summary>
internal static class CheckJson
{
    // Handed on after so many: millions of entries need not be held as text at once.
    private const int EntriesPerFlush = 1000;

    /// <summary>Writes one document.</summary>
    public static void WriteDocument(Utf8Output output, CheckAnswer answer)
    {
        using (Utf8JsonWriter json = JsonText.CreateWriter(output, isIndented: true))
        {
            json.WriteStartObject();
            WriteVerdict(json, answer);
            json.WriteStartArray("reasons");
            foreach (ShareReason reason in answer.Report.Reasons)
            {
                Write(json, reason);
            }

            json.WriteEndArray();
            json.WriteStartArray("entries");
            int written = 0;
            foreach (ShareOffender offender in answer.Report.Offenders)
            {
                Write(json, offender);
                if (++written % EntriesPerFlush == 0)
                {
                    json.Flush();
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine();
    }

    /// <summary>Writes the verdict, then each reason, then each entry on a line of its own.</summary>
    public static void WriteLines(Utf8Output output, CheckAnswer answer)
    {
        using Utf8JsonWriter json = JsonText.CreateWriter(output);
        json.WriteStartObject();
        WriteVerdict(json, answer);
        json.WriteEndObject();
        EndLine(output, json);
        foreach (ShareReason reason in answer.Report.Reasons)
        {
            Write(json, reason);
            EndLine(output, json);
        }

        foreach (ShareOffender offender in answer.Report.Offenders)
        {
            Write(json, offender);
            EndLine(output, json);
        }
    }

    private static void EndLine(Utf8Output output, Utf8JsonWriter json)
    {
        json.Flush();
        json.Reset();
        output.WriteLine();
    }

    private static void WriteVerdict(Utf8JsonWriter json, CheckAnswer answer)
    {
        json.WriteBoolean("shareable", answer.Report.IsShareable);
        json.WriteStartObject("assumptions");
        json.WriteString("exporter", answer.Exporter.Id);
        json.WriteString("overlay", answer.Overlay?.Id);
        json.WriteString("importer", answer.Importer.Id);
        json.WritePropertyName("exporter_capabilities");
        CapabilitySummary.WriteJson(json, answer.ExporterCapabilities);
        json.WritePropertyName("importer_capabilities");
        CapabilitySummary.WriteJson(json, answer.ImporterCapabilities);
        if (answer.Assumed is AssumedWidth assumed)
        {
            json.WriteNumber(assumed.Capability, assumed.Bits);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ShareReason reason)
    {
        json.WriteStartObject();
        json.WriteString("code", ReasonWords.Of(reason.Finding.Code));
        json.WriteNumber("bit", reason.Finding.Bit);
        json.WriteNumber("level", reason.Finding.Level);
        json.WriteString("kind", ReasonWords.Of(reason.Finding.Kind));
        json.WriteNumber("count", reason.Count);
        json.WriteNumber("reachable", reason.Reachable);
        json.WriteString("cure", reason.Cure);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ShareOffender offender)
    {
        json.WriteStartObject();
        json.WriteHex("root", offender.Root.Value);
        json.WriteHex("address", offender.Address.Value);
        json.WriteNumber("level", offender.Level);
        json.WriteHex("entry", offender.Entry);
        json.WriteString("reason", ReasonWords.Of(offender));
        json.WriteEndObject();
    }
}

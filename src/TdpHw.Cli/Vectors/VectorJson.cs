using System.Text.Json;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.Explaining;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Vectors;

/// <summary>Writes vectors as JSON. Scripts rely on the keys; a line is a question to <c>explain --stdin</c> too.</summary>
internal static class VectorJson
{
    /// <summary>Writes one as an object.</summary>
    public static void Write(Utf8JsonWriter json, FormatDescription format, Vector vector)
    {
        DecodedEntry entry = vector.Entry;
        json.WriteStartObject();
        json.WriteString("format", format.Id);
        json.WriteNumber("level", entry.Level);
        json.WriteHex("raw", entry.Raw);
        json.WriteStartObject("caps");
        for (int i = 0; i < vector.Capabilities.Descriptions.Length; i++)
        {
            CapabilityDescription capability = vector.Capabilities.Descriptions[i];
            json.WritePropertyName(capability.Name);
            CapabilitySummary.WriteValue(json, capability.Kind, vector.Capabilities[i]);
        }

        json.WriteEndObject();
        json.WriteString("base", AnswerWords.Layout(vector.Base));
        json.WriteNumber("bit", vector.Bit);
        json.WriteString("verdict", AnswerWords.Verdict(entry.Kind));
        json.WriteHex("reserved_bits", entry.ReservedBits);
        json.WriteHex("res0_bits", entry.Res0Bits);
        json.WriteStartArray("illegal");
        foreach (IllegalRuleDescription rule in entry.Illegal)
        {
            json.WriteStringValue(rule.Name);
        }

        json.WriteEndArray();
        json.WriteString("reason", ReasonOf(format, vector));
        json.WriteEndObject();
    }

    private static string ReasonOf(FormatDescription format, Vector vector)
    {
        DecodedEntry entry = vector.Entry;
        return entry.Kind switch
        {
            EntryKind.ReservedBitSet => string.Join("; ", ReservedCause
                .Of(format, vector.Capabilities, entry)
                .Select(c => $"{BitText.Named(c.Bits)} must be zero{(c.Why.Length == 0 ? "" : $", {c.Why}")}{CitationText.Behind(c.Source)}")),
            EntryKind.IllegalEncoding => string.Join("; ", entry.Illegal.Select(r => $"{r.Summary}{CitationText.Behind(r.Source)}")),
            EntryKind.NotPresent => "not present",
            _ => vector.Bit is int bit ? MeaningOf(entry, bit) : "well formed",
        };
    }

    private static string MeaningOf(DecodedEntry entry, int bit)
    {
        ulong mask = 1ul << bit;
        FieldDescription? field = entry.Fields.Select(f => f.Field).FirstOrDefault(f => (f.Mask & mask) != 0);
        return field is not null ? $"bit {bit} is {FieldNames.Of(field)}: {field.Summary}{CitationText.Behind(field.Source)}"
            : (entry.Res0Bits & mask) != 0 ? $"bit {bit} should be zero and does not fault"
            : $"bit {bit} is ignored";
    }
}

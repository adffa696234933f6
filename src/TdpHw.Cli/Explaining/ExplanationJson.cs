using System.Collections.Immutable;
using System.Text.Json;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>Writes explanations as JSON. Scripts rely on the keys.</summary>
internal static class ExplanationJson
{
    /// <summary>Writes one as an object.</summary>
    public static void Write(Utf8JsonWriter json, Explanation explanation)
    {
        DecodedEntry entry = explanation.Entry;
        json.WriteStartObject();
        json.WriteString("format", explanation.Format.Id);
        json.WriteNumber("level", entry.Level);
        json.WriteHex("raw", entry.Raw);
        json.WriteBoolean("present", entry.IsPresent);
        json.WriteBoolean("leaf", entry.IsLeaf);
        json.WriteString("verdict", AnswerWords.Verdict(entry.Kind));
        WriteFields(json, "fields", entry.Fields);
        json.WriteHex("output_address", entry.Output?.Value);
        json.WriteHex("page_size", entry.PageSize);
        json.WriteString("rights", entry.Rights.ToListing());
        json.WriteString("memory_type", explanation.MemoryType);
        json.WriteHex("reserved_bits", entry.ReservedBits);
        json.WriteHex("res0_bits", entry.Res0Bits);
        json.WriteStartArray("illegal");
        foreach (IllegalRuleDescription rule in entry.Illegal)
        {
            json.WriteStringValue(rule.Name);
        }

        json.WriteEndArray();
        json.WriteString("software", explanation.Software);
        if (!explanation.SoftwareFields.IsEmpty)
        {
            WriteFields(json, "software_fields", explanation.SoftwareFields);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes one a line.</summary>
    public static void WriteLines(Utf8Output output, Explanation[] explanations)
    {
        foreach (Explanation explanation in explanations)
        {
            using (Utf8JsonWriter json = JsonText.CreateWriter(output))
            {
                Write(json, explanation);
            }

            output.WriteLine();
        }
    }

    /// <summary>Writes them as one document.</summary>
    public static void WriteDocument(Utf8Output output, Explanation[] explanations) =>
        JsonText.WriteDocument(output, explanations, Write);

    private static void WriteFields(Utf8JsonWriter json, string name, ImmutableArray<DecodedField> fields)
    {
        json.WriteStartObject(name);
        foreach (DecodedField decoded in fields)
        {
            FieldDescription field = decoded.Field;
            string key = FieldNames.Of(field);
            if (field.Values is EnumDescription names)
            {
                json.WriteString(key, names.NameOf(decoded.Value));
            }
            else if (field.Role == FieldRole.Address)
            {
                json.WriteHex(key, decoded.Value);
            }
            else if (field.Width == 1)
            {
                json.WriteBoolean(key, decoded.Value != 0);
            }
            else
            {
                json.WriteNumber(key, decoded.Value);
            }
        }

        json.WriteEndObject();
    }
}

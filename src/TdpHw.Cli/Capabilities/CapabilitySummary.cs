using System.Globalization;
using System.Text.Json;
using TdpHw.Formats;

namespace TdpHw.Cli.Capabilities;

/// <summary>Shows the capabilities that an answer rests on.</summary>
internal static class CapabilitySummary
{
    /// <summary>A line for people: what is there with its width, then what is not.</summary>
    public static string ToText(CapabilityValues values)
    {
        List<string> there = [];
        List<string> missing = [];
        for (int i = 0; i < values.Descriptions.Length; i++)
        {
            CapabilityDescription description = values.Descriptions[i];
            if (!values.IsOn(i))
            {
                missing.Add(description.Name);
            }
            else if (description.Kind == CapabilityKind.Flag)
            {
                there.Add(description.Name);
            }
            else
            {
                there.Add(string.Create(CultureInfo.InvariantCulture, $"{description.Name} {values.Number(i)}"));
            }
        }

        string with = there.Count == 0 ? "none" : string.Join(", ", there);
        return missing.Count == 0 ? with : $"{with}; without {string.Join(", ", missing)}";
    }

    /// <summary>An object with the value of each.</summary>
    public static void WriteJson(Utf8JsonWriter json, CapabilityValues values)
    {
        json.WriteStartObject();
        for (int i = 0; i < values.Descriptions.Length; i++)
        {
            json.WritePropertyName(values.Descriptions[i].Name);
            WriteValue(json, values.Descriptions[i].Kind, values[i]);
        }

        json.WriteEndObject();
    }

    /// <summary>A value as its capability takes it: true or false, a number, or null.</summary>
    public static void WriteValue(Utf8JsonWriter json, CapabilityKind kind, int? value)
    {
        if (value is not int number)
        {
            json.WriteNullValue();
        }
        else if (kind == CapabilityKind.Flag)
        {
            json.WriteBooleanValue(number != 0);
        }
        else
        {
            json.WriteNumberValue(number);
        }
    }

    /// <summary>A value as text.</summary>
    public static string ToText(CapabilityKind kind, int? value) => (kind, value) switch
    {
        (_, null) => "null",
        (CapabilityKind.Flag, 0) => "false",
        (CapabilityKind.Flag, _) => "true",
        (_, int number) => number.ToString(CultureInfo.InvariantCulture),
    };
}

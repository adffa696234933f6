using System.Numerics;
using System.Text.Json;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>Describes a format for machines.</summary>
internal static class FormatJson
{
    /// <summary>Writes the description as one document.</summary>
    public static void Write(Utf8Output output, FormatDescription format, bool isIndented)
    {
        using (Utf8JsonWriter json = JsonText.CreateWriter(output, isIndented))
        {
            Write(json, format);
        }

        output.WriteLine();
    }

    private static void Write(Utf8JsonWriter json, FormatDescription format)
    {
        json.WriteStartObject();
        json.WriteString("id", format.Id);
        json.WriteString("summary", format.Summary);
        json.WriteString("input", format.InputName);
        json.WriteNumber("page_shift", format.PageShift);
        WriteArray(json, "levels", format.Levels, static (json, level) =>
        {
            json.WriteNumber("level", level.Level);
            json.WriteString("entry", level.EntryName);
            if (level.ManualLevel is int manual)
            {
                json.WriteNumber("manual_level", manual);
            }
        });
        WriteArray(json, "walks", format.Walks, (json, walk) =>
        {
            json.WriteNumber("levels", walk.Shape.Levels);
            json.WriteNumber("input_bits", walk.Shape.InputBits);
            if (walk.InputFrom is string width)
            {
                json.WriteNumber("least_input_bits", walk.LeastInputBits);
                json.WriteString("input_from", width);
            }

            WriteCondition(json, walk.Condition, format);
        });
        WriteArray(json, "capabilities", format.Capabilities, WriteCapability);
        WriteArray(json, "layouts", LayoutPicture.Of(format), WriteLayout);
        WriteArray(json, "illegal", format.IllegalRules, static (json, rule) =>
        {
            json.WriteString("name", rule.Name);
            json.WriteString("summary", rule.Summary);
            json.WriteString("source", rule.Source);
        });
        WriteArray(json, "windows", format.Windows, static (json, window) =>
        {
            json.WriteString("name", window.Name);
            json.WriteHex("first", window.First);
            json.WriteHex("last", window.Last);
            json.WriteBoolean("input_bypassed", window.IsInputBypassed);
            json.WriteBoolean("output_blocked", window.IsOutputBlocked);
            json.WriteString("summary", window.Summary);
            json.WriteString("source", window.Source);
        });
        WriteArray(json, "memory_types", format.MemoryTypes?.Members ?? [], static (json, type) =>
        {
            json.WriteNumber("value", type.Value);
            json.WriteString("name", type.Name);
            json.WriteString("summary", type.Summary);
        });
        WriteArray(json, "overlays", FormatRegistry.Overlays.Where(o => o.FormatId == format.Id), WriteOverlay);
        WriteArray(json, "sources", format.Sources, static (json, source) =>
        {
            json.WriteString("key", source.Key);
            json.WriteString("title", source.Title);
        });
        json.WriteEndObject();
    }

    private static void WriteCapability(Utf8JsonWriter json, CapabilityDescription capability)
    {
        json.WriteString("name", capability.Name);
        json.WriteString("values", CapabilitySetting.Takes(capability));
        json.WritePropertyName("default");
        CapabilitySummary.WriteValue(json, capability.Kind, capability.Default);
        json.WriteString("summary", capability.Summary);
        json.WriteString("source", capability.Source);
        if (capability.From is { } from)
        {
            json.WriteString("register", from.RegisterNames[0]);
            json.WriteHex("register_bits", from.Mask);
        }
    }

    private static void WriteLayout(Utf8JsonWriter json, LayoutPicture picture)
    {
        json.WriteString("layout", AnswerWords.Layout(picture.Layout));
        json.WriteStartArray("levels");
        foreach (int level in picture.Levels)
        {
            json.WriteNumberValue(level);
        }

        json.WriteEndArray();
        WriteArray(json, "bits", picture.Rows, static (json, row) =>
        {
            json.WriteString("bits", row.Place);
            json.WriteString("name", row.Name);
            json.WriteString("symbol", row.Symbol);
            json.WriteString("condition", row.Condition);
            json.WriteString("summary", row.Summary);
            json.WriteString("source", row.Source);
        });
    }

    private static void WriteOverlay(Utf8JsonWriter json, OverlayDescription overlay)
    {
        json.WriteString("id", overlay.Id);
        json.WriteString("summary", overlay.Summary);
        json.WriteBoolean("default", overlay.IsDefault);
        WriteArray(json, "variants", overlay.Variants, static (json, variant) =>
        {
            json.WriteString("id", variant.Id);
            json.WriteString("summary", variant.Summary);
        });
        WriteArray(json, "capabilities", overlay.Capabilities, WriteCapability);
        json.WriteStartArray("kept_off");
        foreach (string name in overlay.KeptOff)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private static void WriteCondition(Utf8JsonWriter json, CapabilityCondition condition, FormatDescription format)
    {
        json.WriteStartArray("needs");
        for (uint needs = condition.Needs; needs != 0; needs &= needs - 1)
        {
            json.WriteStringValue(format.Capabilities[BitOperations.TrailingZeroCount(needs)].Name);
        }

        json.WriteEndArray();
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

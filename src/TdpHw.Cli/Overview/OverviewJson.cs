using System.Text.Json;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.Listing;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Overview;

/// <summary>Writes an overview for machines.</summary>
internal static class OverviewJson
{
    /// <summary>Writes it as one document.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="overview">The overview.</param>
    /// <param name="isIndented">Whether it stands on many lines or on one.</param>
    public static void Write(Utf8Output output, ImageOverview overview, bool isIndented)
    {
        using (Utf8JsonWriter json = JsonText.CreateWriter(output, isIndented))
        {
            Write(json, overview);
        }

        output.WriteLine();
    }

    private static void Write(Utf8JsonWriter json, ImageOverview overview)
    {
        json.WriteStartObject();
        json.WriteString("image", overview.Location);
        json.WriteString("format", overview.Format.Id);
        json.WritePropertyName("capabilities");
        CapabilitySummary.WriteJson(json, overview.Capabilities);
        json.WriteString("overlay", overview.Overlay?.Id);
        json.WriteStartArray("roots");
        var memoryTypes = new MemoryTypeNames(overview.Format);
        foreach (RootOverview root in overview.Roots)
        {
            Write(json, root, memoryTypes);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RootOverview root, MemoryTypeNames memoryTypes)
    {
        json.WriteStartObject();
        json.WriteHex("hpa", root.Table.Value);
        json.WriteStartArray("names");
        foreach (string name in root.Names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteNumber("levels", root.Levels);
        json.WriteNumber("input_bits", root.InputBits);
        json.WriteBoolean("in_memory", root.Counts is not null);
        if (root.Counts is { } counts)
        {
            json.WriteNumber("table_pages", counts.TablePages);
            json.WriteNumber("tables_not_in_memory", counts.NotInMemory);
            json.WriteNumber("cycles", counts.Cycles);
            Write(json, counts);
        }

        json.WriteNumber("range_count", root.RangeCount);
        json.WriteBoolean("cut", root.IsCut);
        json.WriteStartArray("ranges");
        foreach (MappedRange range in root.Ranges)
        {
            json.WriteStartObject();
            json.WriteHex("address", range.Address.Value);
            json.WriteHex("hpa", range.Output.Value);
            json.WriteHex("size", range.Size);
            json.WriteString("perms", range.Rights.ToListing());
            json.WriteString("memtype", memoryTypes[range.MemoryType]);
            json.WriteNumber("leaves", range.Leaves);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("special");
        foreach (SpecialCount special in root.Specials)
        {
            json.WriteStartObject();
            json.WriteString("kind", special.Kind);
            json.WriteString("software", special.Software);
            json.WriteNumber("count", special.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TreeCounts counts)
    {
        json.WriteStartArray("counts");
        for (int level = counts.Levels.Count; level >= 1; level--)
        {
            LevelCounts c = counts.Levels[level - 1];
            json.WriteStartObject();
            json.WriteNumber("level", level);
            json.WriteNumber("tables", c.Tables);
            json.WriteNumber("leaves", c.Leaves);
            json.WriteNumber("accessed", c.Accessed);
            json.WriteNumber("dirty", c.Dirty);
            json.WriteNumber("malformed", c.Malformed);
            json.WriteNumber("not_present", c.NotPresent);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

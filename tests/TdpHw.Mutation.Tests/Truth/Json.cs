using System.Globalization;
using System.Text.Json;
using TdpHw.Generators.Model;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Files of outside truth, and the ways in which they write values.</summary>
internal static class Json
{
    /// <summary>A file of the oracle.</summary>
    public static JsonElement Oracle(string name) => Read(Path.Combine("oracle", name + ".json"));

    /// <summary>A file beside the tests.</summary>
    public static JsonElement Read(string path)
    {
        using FileStream stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, path));
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    public static ulong Hex(this JsonElement element) => Hex(element.GetString()!);

    public static ulong Hex(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    public static ulong? HexOrNull(this JsonElement element) => element.ValueKind == JsonValueKind.Null ? null : element.Hex();

    /// <summary>A number or a bit; null where there is none.</summary>
    public static ulong? NumberOrNull(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => element.GetUInt64(),
    };

    public static string[] Words(this JsonElement element) => element.ValueKind == JsonValueKind.Null
        ? []
        : [.. element.EnumerateArray().Select(word => word.GetString()!)];

    /// <summary>Bits as manuals write them, <c>7</c> or <c>51:12</c>.</summary>
    public static BitSpan Bits(string text)
    {
        string[] ends = text.Split(':');
        return new BitSpan(Number(ends[0]), Number(ends[^1]));

        static int Number(string end) => int.Parse(end, CultureInfo.InvariantCulture);
    }

    /// <summary>The names of values, by value.</summary>
    public static IEnumerable<(ulong Value, string Name)> Names(this JsonElement element) => element.EnumerateObject()
        .Select(p => (ulong.Parse(p.Name, CultureInfo.InvariantCulture), p.Value.GetString()!));

    /// <summary>The oracle's capabilities in the definitions' names.</summary>
    public static IReadOnlyDictionary<string, int> Capabilities(this JsonElement caps)
    {
        var ours = new Dictionary<string, int>();
        foreach (JsonProperty cap in caps.EnumerateObject())
        {
            switch (cap.Name)
            {
                // Legacy or scalable mode decides how faults are numbered, not what entries mean.
                case "mode":
                    break;
                case "levels":
                    ours["walk_5"] = cap.Value.GetInt32() == 5 ? 1 : 0;
                    break;
                case "sllps":
                    ours["page_2m"] = cap.Value.GetInt32() & 1;
                    ours["page_1g"] = cap.Value.GetInt32() >> 1;
                    break;
                default:
                    ours[OurName(cap.Name)] = cap.Value.GetInt32();
                    break;
            }
        }

        return ours;
    }

    private static string OurName(string name) => name switch
    {
        "maxphyaddr" or "haw" => name,
        "execonly" => "exec_only",
        "huge_2m" => "page_2m",
        "huge_1g" => "page_1g",
        "ad" or "ssade" => "accessed_dirty",
        "mbec" => "mode_based_execute",
        "sc" => "snoop_control",
        "ers" => "execute_requests",
        "mts" => "memory_type",
        _ => throw new InvalidDataException($"The oracle's capability '{name}' is unknown."),
    };
}

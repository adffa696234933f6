using System.Globalization;
using System.Text.Json;

namespace TdpHw.Formats.Tests.Oracle;

/// <summary>Files of expected answers, and the ways in which they write values.</summary>
internal static class OracleFile
{
    /// <summary>Reads a file of the oracle.</summary>
    public static JsonElement Read(string name)
    {
        using FileStream stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "oracle", name + ".json"));
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    /// <summary>Parses <c>0x…</c>.</summary>
    public static ulong Hex(this JsonElement element) => ParseHex(element.GetString()!);

    /// <summary>Parses <c>0x…</c>, or null.</summary>
    public static ulong? HexOrNull(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Null ? null : element.Hex();

    /// <summary>Parses <c>0x…</c>.</summary>
    public static ulong ParseHex(string text) =>
        ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>A bit that the oracle writes as true or false, as a field value; null where there is no such field.</summary>
    public static ulong? BitOrNull(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => throw new InvalidDataException($"{element} is neither a bit nor null."),
    };

    /// <summary>A number, or null.</summary>
    public static ulong? NumberOrNull(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Null ? null : element.GetUInt64();

    /// <summary>A list of words; null is the empty list.</summary>
    public static IReadOnlyList<string> Words(this JsonElement element) => element.ValueKind == JsonValueKind.Null
        ? []
        : [.. element.EnumerateArray().Select(word => word.GetString()!)];
}

using System.Globalization;
using System.Text.Json;

namespace TdpHw.Core.Tests;

/// <summary>Rows of the independent model's files.</summary>
internal static class OracleRows
{
    /// <summary>The rows of a file, whose number is held against the one that the file states.</summary>
    public static IReadOnlyList<JsonElement> Of(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "oracle", file)));
        JsonElement[] rows = [.. document.RootElement.GetProperty("rows").EnumerateArray().Select(r => r.Clone())];
        Assert.Equal(document.RootElement.GetProperty("count").GetInt32(), rows.Length);
        return rows;
    }

    public static int Number(this JsonElement row, string name) => row.GetProperty(name).GetInt32();

    public static ulong Hex(this JsonElement row, string name) =>
        ulong.Parse(row.GetProperty(name).GetString()!.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}

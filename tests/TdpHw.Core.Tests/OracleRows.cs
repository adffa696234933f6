using System.Globalization;
using System.Text.Json;

namespace TdpHw.Core.Tests;

/// <summary>Rows of the independent model's files.</summary>
internal static class OracleRows
{
    /// <summary>The rows of a file, whose number is held against the one that the file states.</summary>
    public static IReadOnlyList<JsonElement> Of(string file)
    {
        JsonElement document = Document(file);
        JsonElement[] rows = [.. document.GetProperty("rows").EnumerateArray()];
        Assert.Equal(document.Number("count"), rows.Length);
        return rows;
    }

    /// <summary>A whole file.</summary>
    public static JsonElement Document(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "oracle", file)));
        return document.RootElement.Clone();
    }

    public static int Number(this JsonElement row, string name) => row.GetProperty(name).GetInt32();

    public static ulong Hex(this JsonElement row, string name) =>
        ulong.Parse(row.GetProperty(name).GetString()!.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}

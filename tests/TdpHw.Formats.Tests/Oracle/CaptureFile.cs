using System.Text.Json;

namespace TdpHw.Formats.Tests.Oracle;

/// <summary>Files of captures: page tables that unmodified kernels wrote, and what is known of them.</summary>
internal static class CaptureFile
{
    /// <summary>The description of a capture.</summary>
    public static JsonElement Description(string capture)
    {
        using FileStream stream = File.OpenRead(PathOf(capture, "capture.json"));
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    /// <summary>The rows of a tab-separated file, each by the names of the header.</summary>
    public static IEnumerable<Dictionary<string, string>> Rows(string capture, string file)
    {
        string[][] lines = [.. File.ReadLines(PathOf(capture, file)).Select(line => line.Split('\t'))];
        return lines.Skip(1).Select(cells => lines[0].Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    private static string PathOf(string capture, string file) =>
        Path.Combine(AppContext.BaseDirectory, "captures", capture, file);
}

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>The repository's own definitions, as they were when the tests were built.</summary>
internal static class Definitions
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "hwdefs");

    private static readonly Dictionary<string, InterpretedFormat> Formats = Directory
        .EnumerateFiles(Path.Combine(Folder, "formats"), "*.hwdef.yaml")
        .Select(InterpretedFormat.Load)
        .ToDictionary(format => format.Id);

    /// <summary>The ids of all formats.</summary>
    public static IEnumerable<string> FormatIds => Formats.Keys;

    public static InterpretedFormat Format(string id) => Formats[id];

    public static InterpretedOverlay Overlay(string id) =>
        InterpretedOverlay.Load(Path.Combine(Folder, "overlays", id + ".hwdef.yaml"));
}

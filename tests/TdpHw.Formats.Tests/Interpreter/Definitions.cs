namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>The repository's own definitions and those of the tests, as they were when the tests were built.</summary>
internal static class Definitions
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "hwdefs");

    private static readonly string[] FormatTexts =
    [
        .. new[] { Path.Combine(Folder, "formats"), Path.Combine(AppContext.BaseDirectory, "Definitions") }
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.hwdef.yaml"))
            .Select(File.ReadAllText)
            .Where(text => text.Contains("\nkind: page-table-format\n", StringComparison.Ordinal)),
    ];

    private static readonly Dictionary<string, InterpretedFormat> Formats = FormatTexts
        .Select(text => InterpretedFormat.Parse(text, NamedText))
        .ToDictionary(format => format.Id);

    /// <summary>The ids of all formats.</summary>
    public static IEnumerable<string> FormatIds => Formats.Keys;

    public static InterpretedFormat Format(string id) => Formats[id];

    public static InterpretedOverlay Overlay(string id) =>
        InterpretedOverlay.Load(Path.Combine(Folder, "overlays", id + ".hwdef.yaml"));

    private static string NamedText(string name) =>
        FormatTexts.Single(text => text.Contains($"\nname: {name}\n", StringComparison.Ordinal));
}

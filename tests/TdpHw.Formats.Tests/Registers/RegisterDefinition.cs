using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Registers;

/// <summary>A register, as its definition writes it.</summary>
internal sealed class RegisterDefinition
{
    private RegisterDefinition(string path)
    {
        var root = new YamlMap(
            YamlMap.Document(File.ReadAllText(path)),
            "hwdef", "kind", "name", "id", "aliases", "doc", "sources", "cite", "bits", "enums", "fields", "views", "reserved", "ignored");
        Name = root.Text("name");
        WordCount = (root.Int32("bits") + 63) / 64;
        Fields = [.. root.Rows("fields").Select(row => new RegisterFieldRow(row))];
    }

    /// <summary>All registers by name, as they were when the tests were built.</summary>
    public static IReadOnlyDictionary<string, RegisterDefinition> All { get; } = Directory
        .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "hwdefs", "registers"), "*.hwdef.yaml")
        .Select(path => new RegisterDefinition(path))
        .ToDictionary(register => register.Name);

    public string Name { get; }

    public int WordCount { get; }

    public IReadOnlyList<RegisterFieldRow> Fields { get; }
}

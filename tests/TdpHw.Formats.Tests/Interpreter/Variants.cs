namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>The variants of an overlay that a row belongs to; all, when it names none.</summary>
internal sealed record Variants(IReadOnlyList<string> Ids)
{
    public static Variants Read(YamlMap map) => new(map.Texts("variants"));

    public bool Include(string id) => Ids.Count == 0 || Ids.Contains(id);
}

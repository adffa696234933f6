using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>
/// A definition and what it extends, the topmost layer first. They are never put together: every question goes to the layers one
/// after the other.
/// </summary>
internal sealed class FormatLayers(IReadOnlyList<YamlMap> layers)
{
    /// <summary>How many levels the topmost layer that tells it has.</summary>
    public int LevelCount => ((YamlMappingNode)First("levels").Node("levels")).Children.Count;

    public string Text(string key) => First(key).Text(key);

    public string? TextOrNull(string key) => layers.FirstOrDefault(layer => layer.Has(key))?.Text(key);

    public int Int32(string key) => First(key).Int32(key);

    /// <summary>The rows of the topmost layer that has any.</summary>
    public IEnumerable<YamlNode> Whole(string key) => layers.FirstOrDefault(layer => layer.Has(key))?.Rows(key) ?? [];

    /// <summary>The rows of all layers but those whose name an upper layer has too, with the number of their layer.</summary>
    public IEnumerable<(YamlNode Row, int Layer)> Named(string key, string name = "name")
    {
        // As they would stand in one file: a row with a name of the base's is where the base's was.
        List<(YamlNode Row, int Layer)> rows = [];
        for (int layer = layers.Count - 1; layer >= 0; layer--)
        {
            (YamlNode Row, int Layer)[] own = [.. layers[layer].Rows(key).Select(row => (row, layer))];
            foreach (IGrouping<string, (YamlNode Row, int Layer)> group in own.GroupBy(row => NameOf(row.Row)))
            {
                int at = rows.FindIndex(row => NameOf(row.Row) == group.Key);
                rows.RemoveAll(row => NameOf(row.Row) == group.Key);
                rows.InsertRange(at < 0 ? rows.Count : at, group);
            }
        }

        return rows;

        string NameOf(YamlNode row) => ((YamlScalarNode)((YamlMappingNode)row).Children[name]).Value!;
    }

    /// <summary>The rows of all layers, with the number of their layer; the topmost is 0.</summary>
    public IEnumerable<(YamlNode Row, int Layer)> All(string key) =>
        Enumerable.Range(0, layers.Count).Reverse().SelectMany(layer => layers[layer].Rows(key).Select(row => (row, layer)));

    /// <summary>
    /// The rows of a list whose order decides. At each level those of one layer count, the topmost that has any there.
    /// </summary>
    public IEnumerable<TRow> ByLevel<TRow>(string key, Func<YamlNode, TRow> read, Func<TRow, Narrowing> narrowing, Func<TRow, Narrowing, TRow> narrow)
    {
        (TRow Row, int Layer)[] rows = [.. All(key).Select(row => (read(row.Row), row.Layer))];
        foreach ((TRow row, int layer) in rows)
        {
            Narrowing own = narrowing(row);
            ulong[] levels =
            [
                .. Enumerable.Range(1, LevelCount)
                    .Where(level => own.IsAt(level) && !rows.Any(other => other.Layer < layer && narrowing(other.Row).IsAt(level)))
                    .Select(level => (ulong)level),
            ];
            yield return narrow(row, own with { Levels = levels });
        }
    }

    private YamlMap First(string key) => layers.FirstOrDefault(layer => layer.Has(key))
        ?? throw new InvalidDataException($"The key '{key}' is missing.");
}

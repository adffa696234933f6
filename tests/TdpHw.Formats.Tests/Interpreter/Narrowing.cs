namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>Where a row holds: at which levels, in which layouts, under which capabilities.</summary>
internal sealed record Narrowing(
    IReadOnlyList<ulong>? Levels,
    EntryLayout Layouts,
    IReadOnlyList<string> Needs,
    IReadOnlyList<string> Unless)
{
    public static Narrowing Read(YamlMap map)
    {
        EntryLayout layouts = EntryLayout.None;
        foreach (string word in map.Texts("for"))
        {
            layouts |= word switch
            {
                "leaf" => EntryLayout.Leaf,
                "table" => EntryLayout.Table,
                "not-present" => EntryLayout.NotPresent,
                _ => throw new InvalidDataException($"'for: {word}' is no layout."),
            };
        }

        return new(
            map.Has("levels") ? [.. YamlNumbers.Levels(map.Node("levels"))] : null,
            layouts == EntryLayout.None ? EntryLayout.Leaf | EntryLayout.Table : layouts,
            map.Texts("needs"),
            map.Texts("unless"));
    }

    public bool IsAt(int level) => Levels is null || Levels.Contains((ulong)level);

    public bool IsAt(int level, EntryLayout layout) => IsAt(level) && (Layouts & layout) != 0;

    public bool Holds(Capabilities capabilities) =>
        Needs.All(capabilities.Flag) && !Unless.Any(capabilities.Flag);
}

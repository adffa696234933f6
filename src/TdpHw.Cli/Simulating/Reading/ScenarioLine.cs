using TdpHw.Cli.Input;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>A line of a scenario, as far as the layout of a list needs to know it.</summary>
/// <param name="Place">Where it starts.</param>
/// <param name="Text">The line, up to what is wrong with it.</param>
/// <param name="Problem">Why it can't be read; null when it can.</param>
internal sealed record ScenarioLine(TextPlace Place, string Text, InputException? Problem)
{
    private const string StartMarker = "---";
    private const string EndMarker = "...";

    /// <summary>How many spaces come first.</summary>
    public int Indent => Text.Length - Text.AsSpan().TrimStart(' ').Length;

    /// <summary>Where the spaces end.</summary>
    public TextPlace Content => Place with { Column = Indent + 1 };

    /// <summary>Whether something stands in it, not only a comment. What can't be read is something.</summary>
    public bool IsSignificant => Text.AsSpan().TrimStart(" \t") switch
    {
        ['#', ..] => false,
        [] => Problem is not null,
        _ => true,
    };

    /// <summary>Whether an item of a list starts here.</summary>
    public bool StartsItem => Text.AsSpan(Indent) is ['-'] or ['-', ' ' or '\t', ..];

    /// <summary>Whether it is indented with a tab, which YAML does not take for indentation.</summary>
    public bool StartsWithTab => Text.AsSpan(Indent) is ['\t', ..];

    /// <summary>Whether a document starts here.</summary>
    public bool StartsDocument => IsMarker(StartMarker);

    /// <summary>Whether a document starts here and the line holds nothing of it yet.</summary>
    public bool OnlyStartsDocument =>
        StartsDocument && Text.AsSpan(StartMarker.Length).TrimStart(" \t") is ([] or ['#', ..]);

    /// <summary>Whether a document ends here.</summary>
    public bool EndsDocument => IsMarker(EndMarker);

    private bool IsMarker(string marker) => Text.StartsWith(marker, StringComparison.Ordinal)
        && (Text.Length == marker.Length || Text[marker.Length] is ' ' or '\t');
}

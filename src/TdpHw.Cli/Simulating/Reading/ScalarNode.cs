using TdpHw.Cli.Input;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>A word, a number or another text.</summary>
/// <param name="Place">Where it starts.</param>
/// <param name="Text">The text, without quotes.</param>
/// <param name="IsPlain">Whether it stands there without quotes.</param>
internal sealed record ScalarNode(TextPlace Place, string Text, bool IsPlain) : ScenarioNode(Place)
{
    private const int Shown = 40;

    /// <summary>Whether nothing stands there, not even quotes.</summary>
    public bool IsEmpty => IsPlain && Text.Length == 0;

    /// <summary>Whether it is YAML's word for no value.</summary>
    public bool IsNull => IsPlain && Text is "null" or "Null" or "NULL" or "~";

    /// <inheritdoc/>
    public override string What => IsEmpty ? "nothing" : Quote(Text);

    /// <summary>Text in quotes, as much of it as a message needs.</summary>
    public static string Quote(string text) => text.Length > Shown ? $"'{text.AsSpan(0, Shown)}…'" : $"'{text}'";
}

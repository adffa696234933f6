using TdpHw.Cli.Input;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>A part of a scenario's text that is a YAML list by itself.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="Text">The text.</param>
/// <param name="IsOneStep">Whether it is one step, which must be well-formed to its end before it is done.</param>
/// <param name="Problem">Why the text ends where it does; null when there is no more.</param>
internal sealed record ScenarioPiece(TextPlace Start, string Text, bool IsOneStep, InputException? Problem);

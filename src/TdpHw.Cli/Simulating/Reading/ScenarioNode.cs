using TdpHw.Cli.Input;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>A value of a scenario's text.</summary>
/// <param name="Place">Where it starts.</param>
internal abstract record ScenarioNode(TextPlace Place)
{
    /// <summary>What it is, for messages: <c>a list</c>.</summary>
    public abstract string What { get; }
}

using TdpHw.Cli.Input;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>Names, each with a value.</summary>
/// <param name="Place">Where it starts.</param>
/// <param name="Entries">Names and values in their order; no name stands there twice.</param>
internal sealed record MapNode(TextPlace Place, IReadOnlyList<KeyValuePair<ScalarNode, ScenarioNode>> Entries) : ScenarioNode(Place)
{
    /// <inheritdoc/>
    public override string What => "a map";
}

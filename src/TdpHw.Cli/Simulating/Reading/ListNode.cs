using TdpHw.Cli.Input;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>A list.</summary>
/// <param name="Place">Where it starts.</param>
/// <param name="Items">What is in it.</param>
internal sealed record ListNode(TextPlace Place, IReadOnlyList<ScenarioNode> Items) : ScenarioNode(Place)
{
    /// <inheritdoc/>
    public override string What => "a list";
}

using TdpHw.Cli.Input;

namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Where a step comes from.</summary>
/// <param name="Number">Its number in the scenario, from 1.</param>
/// <param name="Verb">The word for what it does.</param>
/// <param name="Place">Where that word stands.</param>
internal sealed record StepOrigin(long Number, string Verb, TextPlace Place);

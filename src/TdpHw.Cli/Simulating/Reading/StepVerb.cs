using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>A verb of scenarios.</summary>
/// <param name="Name">The word.</param>
/// <param name="Only">The one argument that may stand there without its name; null when all need theirs.</param>
/// <param name="Arguments">The arguments that it takes by name.</param>
/// <param name="Read">Makes a step of its arguments.</param>
internal sealed record StepVerb(
    string Name, string? Only, string[] Arguments, Func<StepOrigin, StepArguments, ScenarioStep> Read);

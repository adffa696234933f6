namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Asks what happened so far.</summary>
/// <param name="Origin">Where it comes from.</param>
internal sealed record ReportStep(StepOrigin Origin) : ScenarioStep(Origin);

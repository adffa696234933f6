namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Keeps a step for the middle of something else that is still to come.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Moment">The middle of what.</param>
/// <param name="Nested">The step; null for another thread's fault on the same page, which only makes this one try again.</param>
internal sealed record RaceStep(StepOrigin Origin, RaceMoment Moment, ScenarioStep? Nested) : ScenarioStep(Origin);

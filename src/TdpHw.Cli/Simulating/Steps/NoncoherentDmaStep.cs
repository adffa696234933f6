namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Lets non-coherent DMA begin or end.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="IsPresent">Whether it begins.</param>
internal sealed record NoncoherentDmaStep(StepOrigin Origin, bool IsPresent) : ScenarioStep(Origin);

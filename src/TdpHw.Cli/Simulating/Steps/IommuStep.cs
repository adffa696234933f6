namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Makes a VT-d unit.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Name">What it is called; null to number it.</param>
/// <param name="Cap">Its capability register.</param>
/// <param name="Ecap">Its extended capability register.</param>
/// <param name="Haw">Its host address width; null for that of the VM's host, whichever of the two comes first.</param>
/// <param name="IsScalable">Whether it is in scalable mode.</param>
internal sealed record IommuStep(
    StepOrigin Origin,
    string? Name,
    ulong Cap,
    ulong Ecap,
    int? Haw,
    bool IsScalable) : ScenarioStep(Origin);

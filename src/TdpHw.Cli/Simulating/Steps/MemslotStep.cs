namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Makes a memory slot.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Gpa">The first guest-physical address.</param>
/// <param name="Size">How many bytes.</param>
/// <param name="BackingLevel">The size of the host's pages behind it, as a level.</param>
/// <param name="IsReadOnly">Whether the guest may only read it.</param>
/// <param name="LogsDirty">Whether writes are logged.</param>
/// <param name="IsPrivate">Whether KVM keeps it to itself.</param>
internal sealed record MemslotStep(
    StepOrigin Origin,
    ulong Gpa,
    ulong Size,
    int BackingLevel,
    bool IsReadOnly,
    bool LogsDirty,
    bool IsPrivate) : ScenarioStep(Origin);

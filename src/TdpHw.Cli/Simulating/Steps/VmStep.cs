namespace TdpHw.Cli.Simulating.Steps;

/// <summary>Makes the VM.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="MaxPhyAddr">How wide the host's physical addresses are.</param>
/// <param name="Levels">Levels of the deepest EPT that the processor walks.</param>
/// <param name="MaxPageLevel">The level of the largest page that it maps: 2 or 3.</param>
/// <param name="IsPresentHigh">Whether KVM's bit for present entries lies where an IOMMU ignores it.</param>
/// <param name="UsesTdpMmu">Whether KVM uses the TDP MMU.</param>
/// <param name="IsHyperVBuild">Whether the kernel is built for Hyper-V guests.</param>
/// <param name="HasL1tf">Whether the processor is open to L1TF, so that MMIO entries are encoded against it.</param>
/// <param name="SplitsExecutedHugePages">Whether huge pages are split where the guest executes.</param>
internal sealed record VmStep(
    StepOrigin Origin,
    int MaxPhyAddr,
    int Levels,
    int MaxPageLevel,
    bool IsPresentHigh,
    bool UsesTdpMmu,
    bool IsHyperVBuild,
    bool HasL1tf,
    bool SplitsExecutedHugePages) : ScenarioStep(Origin);

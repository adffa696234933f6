using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

/// <summary>
/// What a processor's vendor adds to KVM: the format that its processors walk, how KVM uses it, and what it tells importers. (The
/// place of <c>kvm_x86_ops</c>; series, patch 38.)
/// </summary>
public abstract class TdpVendor
{
    /// <summary>How KVM composes and reads entries.</summary>
    public abstract SpteLayout Layout { get; }

    /// <summary>How wide the processor's physical addresses are; guest-physical ones are no wider.</summary>
    public abstract int AddressBits { get; }

    /// <summary>The highest level that the processor maps pages at.</summary>
    public abstract int MaxHugePageLevel { get; }

    /// <summary>
    /// Whether MMU_PRESENT stands among the high bits, above the address, and leaves the low ones to importers that hold them
    /// reserved (CONFIG_HAVE_KVM_MMU_PRESENT_HIGH; series, patches 24 and 35).
    /// </summary>
    public abstract bool HasMmuPresentHigh { get; }

    /// <summary>Composes what an importer is told of a root; null where the vendor has no struct for that.</summary>
    /// <param name="root">The exported root.</param>
    /// <param name="maxHugePageLevel">The highest level that KVM maps pages at.</param>
    public abstract IExportedTdpMetadata? ComposeMetadata(TdpRoot root, int maxHugePageLevel);

    /// <summary>A processor's page walker.</summary>
    internal abstract CpuWalker CreateWalker(Machine machine, string name);
}

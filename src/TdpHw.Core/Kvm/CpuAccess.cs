using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>What came of an access of a guest.</summary>
/// <param name="Error">None when the access was done.</param>
/// <param name="Output">Where the access went; address 0 when it was emulated or not done.</param>
/// <param name="Level">The level of the page; 0 when there was none.</param>
/// <param name="Root">The root that the vCPU had loaded.</param>
/// <param name="IsMmio">Whether it was emulated as MMIO.</param>
public readonly record struct CpuAccess(Errno Error, HostPhysicalAddress Output, int Level, TdpRoot? Root, bool IsMmio)
{
    internal static CpuAccess Done(HostPhysicalAddress output, int level, TdpRoot root) =>
        new(Errno.None, output, level, root, IsMmio: false);

    internal static CpuAccess Mmio(TdpRoot root) => new(Errno.None, default, 0, root, IsMmio: true);

    internal static CpuAccess Failed(Errno error, TdpRoot? root) => new(error, default, 0, root, IsMmio: false);
}

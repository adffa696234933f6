using TdpHw.Core.Kvm;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Interleavings.Planted;

/// <summary>Asks a vCPU twice: for the address of its root, and then for the levels of what may be another one.</summary>
internal static class RootAndLevelsReadApart
{
    public static (HostPhysicalAddress Root, int Levels)? Read(VCpu vcpu) =>
        vcpu.Root?.Address is HostPhysicalAddress root && vcpu.Root?.Level is int levels ? (root, levels) : null;
}

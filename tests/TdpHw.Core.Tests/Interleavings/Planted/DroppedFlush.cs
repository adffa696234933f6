using TdpHw.Core.Kvm;

namespace TdpHw.Core.Tests.Interleavings.Planted;

/// <summary>Takes entries away and tells nobody.</summary>
internal sealed class DroppedFlush(Vm vm) : TdpMmu(vm)
{
    internal override void Flush(ulong gfn, ulong count, bool freesTables)
    {
    }
}

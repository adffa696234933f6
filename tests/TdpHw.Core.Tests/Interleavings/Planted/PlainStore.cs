using TdpHw.Core.Kvm;

namespace TdpHw.Core.Tests.Interleavings.Planted;

/// <summary>Stores an entry where it should compare and exchange: whoever came first is overwritten.</summary>
internal sealed class PlainStore(Vm vm) : TdpMmu(vm)
{
    internal override bool TryChange(TdpPage page, int index, ulong expected, ulong changed)
    {
        page.Write(index, changed);
        return true;
    }
}

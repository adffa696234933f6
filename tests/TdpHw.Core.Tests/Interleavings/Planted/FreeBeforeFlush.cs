using TdpHw.Core.Kvm;

namespace TdpHw.Core.Tests.Interleavings.Planted;

/// <summary>Frees a table as soon as nothing leads to it, which is before the flush.</summary>
internal sealed class FreeBeforeFlush(Vm vm) : TdpMmu(vm)
{
    internal override void Retire(TdpPage page) => Machine.FreeTable(page.Address);
}

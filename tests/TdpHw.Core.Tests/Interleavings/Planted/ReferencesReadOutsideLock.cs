using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Interleavings.Planted;

/// <summary>
/// Looks for the root, and whether anybody holds it, before it takes the lock: by the time that it takes a reference the last one
/// may be gone.
/// </summary>
internal sealed class ReferencesReadOutsideLock(Vm vm) : TdpMmu(vm)
{
    internal override TdpRoot LoadRoot(TdpRole role, MmuMemoryCache cache)
    {
        TdpRoot? seen = Roots.FirstOrDefault(r => r.IsValid && r.Role == role && r.References != 0);
        using SharedGate.Held held = Lock.EnterExclusive();
        if (seen is null)
        {
            return GetRoot(role, cache);
        }

        seen.TryGet();
        return seen;
    }
}

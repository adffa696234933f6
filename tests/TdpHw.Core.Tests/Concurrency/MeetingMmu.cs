using TdpHw.Core.Kvm;

namespace TdpHw.Core.Tests.Concurrency;

/// <summary>
/// An MMU in which threads that are about to change the same entry wait for each other a little, so that they do it at once however
/// few processors there are: one of them is too late.
/// </summary>
internal sealed class MeetingMmu(Vm vm) : TdpMmu(vm)
{
    private const ulong Nowhere = ulong.MaxValue;
    private const int MostTurns = 20;

    private ulong _place = Nowhere;

    internal override bool TryChange(TdpPage page, int index, ulong expected, ulong changed)
    {
        // Who holds the lock alone waits in vain.
        if (!Lock.IsHeldExclusively)
        {
            Meet(page.AddressOf(index).Value);
        }

        return base.TryChange(page, index, expected, changed);
    }

    private void Meet(ulong entry)
    {
        ulong waiting = Interlocked.CompareExchange(ref _place, entry, Nowhere);
        if (waiting == Nowhere)
        {
            for (int turn = 0; turn < MostTurns && Volatile.Read(ref _place) == entry; turn++)
            {
                Thread.Yield();
            }

            Interlocked.CompareExchange(ref _place, Nowhere, entry);
        }
        else if (waiting == entry)
        {
            Interlocked.CompareExchange(ref _place, Nowhere, entry);
        }
    }
}

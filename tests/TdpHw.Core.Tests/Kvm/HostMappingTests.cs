using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>Pages that threads fault in while the host takes them away, breaks them and changes their size.</summary>
public sealed class HostMappingTests
{
    private const ulong Pages = 1024;
    private const ulong HugePage = 2ul << 20;

    private readonly Machine _machine = new(SharingMode.Strict);

    [Fact]
    public void Every_frame_that_was_given_out_is_given_back_once()
    {
        var host = new HostMapping(_machine, 1, 46);
        var seen = new HashSet<ulong>[2];
        bool isOver = false;
        Thread[] faulting = [.. Enumerable.Range(0, seen.Length).Select(i => new Thread(() =>
        {
            var random = new Random(i);
            seen[i] = [];
            while (!Volatile.Read(ref isOver))
            {
                if (host.FaultIn((ulong)random.Next((int)Pages), out HostPhysicalAddress frame) == HostPageState.Present)
                {
                    seen[i].Add(frame.Value);
                }
            }
        }))];
        foreach (Thread thread in faulting)
        {
            thread.Start();
        }

        var changes = new Random(7);
        for (int round = 0; round < 2000; round++)
        {
            ulong page = (ulong)changes.Next((int)Pages);
            (ulong first, ulong last) = host.Round(page, page);
            switch (changes.Next(4))
            {
                case 0:
                    host.Unmap(0, Pages - 1, changes.Next(1, 3));
                    break;
                case 1:
                    host.Poison(first, last, page);
                    Assert.Equal(HostPageState.Poisoned, host.FaultIn(page, out _));
                    Assert.False(host.IsAt(page, default));
                    break;
                default:
                    host.Unmap(first, last);
                    break;
            }
        }

        Volatile.Write(ref isOver, true);
        foreach (Thread thread in faulting)
        {
            thread.Join();
        }

        host.Unmap(0, ulong.MaxValue);
        HashSet<ulong> small = TakeReturned(HostMemory.PageSize);
        HashSet<ulong> large = TakeReturned(HugePage);
        Assert.All(seen, frames => Assert.DoesNotContain(frames, f => !small.Contains(f) && !large.Contains(f & ~(HugePage - 1))));
    }

    /// <summary>What was given back and not handed out again, each once.</summary>
    private HashSet<ulong> TakeReturned(ulong size)
    {
        var returned = new HashSet<ulong>();

        // Where no fresh block is left that is so near, those that were given back are handed out.
        while (_machine.Frames.TryTakeBlock(size, addressBits: 12, out HostPhysicalAddress frame))
        {
            Assert.True(returned.Add(frame.Value), $"{frame} was given back twice");
        }

        return returned;
    }
}

using TdpHw.Core.Kvm;
using TdpHw.Core.Tests.Kvm.Traces;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>
/// The changes that a kernel's trace tells, written one by one to the model's memory: it ends as the tables that the kernel had.
/// </summary>
public sealed class TraceReplayTests
{
    [Theory]
    [InlineData("ept-default", 1308, 0, 207, 1778)]
    [InlineData("ept-noad", 1506, 10, 226, 1717)]
    [InlineData("ept-huge", 94, 0, 85, 94)]
    public void A_trace_replayed_ends_in_the_tables_of_the_image(string name, int changes, int mended, int placed, int used)
    {
        KvmCapture capture = KvmCapture.Open(name);
        var replay = new ReplayedMmu(capture);
        int changesSeen = 0;
        int mendedSeen = 0;
        int placedSeen = 0;
        foreach (TraceEvent e in capture.Trace)
        {
            switch (e.Kind)
            {
                case TraceEventKind.EntryChanged:
                    Change(replay, e);
                    changesSeen++;
                    break;

                case TraceEventKind.FastPageFault when e.IsFixed:
                    Mend(replay, e);
                    mendedSeen++;
                    break;

                case TraceEventKind.PageMapped:
                    // The kernel says where the entry lies that it has just written.
                    (TdpPage page, int index) = replay.Find(e.Gfn, e.Level);
                    Assert.Equal(e.Address, page.AddressOf(index).Value);
                    Assert.Equal(e.New, page.Read(index));
                    placedSeen++;
                    break;
            }
        }

        Assert.Equal((changes, mended, placed), (changesSeen, mendedSeen, placedSeen));
        Assert.Equal(used, replay.AssertIs(capture));
    }

    private static void Change(ReplayedMmu replay, in TraceEvent e)
    {
        (TdpPage page, int index) = replay.Find(e.Gfn, e.Level);
        ulong old = page.Read(index);
        replay.AssertHolds(e, e.Old, old);
        Assert.Equal(e.Gfn, page.GfnOf(index));
        if (!replay.Layout.IsTable(e.New, e.Level))
        {
            replay.Mmu.SetAlone(page, index, e.New);
            return;
        }

        HostPhysicalAddress address = replay.Layout.AddressOf(e.New);
        replay.Machine.Memory.AddTable(address);
        var table = new TdpPage(replay.Machine, address, page.Role.Child(), e.Gfn);
        if (replay.Layout.IsPresent(old))
        {
            replay.Mmu.FillSplit(table, old);
        }

        ulong composed = replay.Layout.ComposeTable(address, page.Role.IsAdDisabled);
        Assert.Equal(e.New, composed);
        replay.Mmu.SetAlone(page, index, composed);
    }

    private static void Mend(ReplayedMmu replay, in TraceEvent e)
    {
        (TdpPage page, int index, ulong old) = replay.Mmu.FindLast(replay.Root, e.Address >> 12);
        Assert.Equal(e.Old, old);
        replay.Mmu.SetAlone(page, index, e.New);
    }
}

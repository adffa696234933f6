using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Core.Tests.Iommu;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Machines;

/// <summary>What changes entries costs no memory while the tables stay.</summary>
public sealed class MapAllocationTests
{
    private const int Rounds = 3;
    private const ulong Pages = 64;
    private const ulong Frames = 0x40_0000_0000;

    [Fact]
    public void Mapping_and_unmapping_in_an_importers_own_table_allocates_nothing()
    {
        var machine = new Machine(SharingMode.Strict);
        FormatRules<VtdSecondStage> rules = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { AccessedDirty = false });
        Assert.True(SecondStageTable.TryCreate(machine, rules, 4, static (TdpFlush _) => { }, out SecondStageTable? table));
        table!.Map(0x200 + Pages, new(Frames), 1, isWritable: true);

        Assert.Equal((0, 0, 0, 0), LastOf(() => (
            BytesOf(() => table.MapPages(0x200, new(Frames), Pages, isWritable: true, out ulong _) == Errno.None),
            BytesOf(() => table.Map(0x201, new(Frames + 0x1000), 1, isWritable: true) == Errno.None),
            BytesOf(() => table.MapPages(0x200, new(Frames + 0x10_0000), Pages, isWritable: true, out ulong _) == Errno.None),
            BytesOf(() => table.Unmap(0x200, 0x1ff + Pages) == (int)Pages))));

        // For the pages that moved, and for those that went.
        Assert.Equal(2 * Rounds, machine.Counters.Flushes);
    }

    [Theory]
    [InlineData(Serving.Shared)]
    [InlineData(Serving.Mirrored)]
    public void A_fault_of_a_device_through_the_export_allocates_nothing(Serving serving)
    {
        ImportingHost host = ImportingHost.Create(
            SharingMode.Strict,
            new VmSettings { Serving = serving },
            slot: new MemorySlotSettings(new(0), 1ul << 30),
            variant: "strict");
        host.Attach(host.AddDevice());
        host.Touch(0);

        Assert.Equal(0, LastOf(() =>
        {
            long bytes = BytesOf(() =>
            {
                bool isDone = true;
                for (ulong gfn = 1; gfn <= Pages; gfn++)
                {
                    isDone &= host.Fd.Fault(host.Vm.Mm, gfn, TdpAccess.Write) == Errno.None;
                }

                return isDone;
            });
            Assert.NotEqual(0, host.Vm.UnmapHost(new(HostMemory.PageSize), Pages * HostMemory.PageSize));
            return bytes;
        }));
    }

    /// <summary>What the last round measures; the first ones pay for compilation, tables and the sizes of lists.</summary>
    private static T LastOf<T>(Func<T> round)
    {
        T last = round();
        for (int i = 1; i < Rounds; i++)
        {
            last = round();
        }

        return last;
    }

    /// <summary>How many bytes something allocates, which says whether it succeeded.</summary>
    private static long BytesOf(Func<bool> action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isDone = action();
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(isDone);
        return bytes;
    }
}

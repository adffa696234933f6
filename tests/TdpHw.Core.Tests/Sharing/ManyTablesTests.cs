using TdpHw.Core.Sharing;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Core.Tests.Sharing;

/// <summary>
/// Tables that lie one behind the other are looked through in the order of memory first. Those that lie far apart are not, and
/// the answers have to be the same.
/// </summary>
public sealed class ManyTablesTests
{
    private const ulong Base = 0x1_0000_0000;
    private const ulong Table = 0x107;
    private const ulong Leaf = 0x37;
    private const int Lowest = 200;
    private const int Upper = 4;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(5_000)]
    [InlineData(70_123)]
    [InlineData(1 << 28)]
    public void Dense_and_scattered_tables_are_judged_alike(long maxEntries)
    {
        var options = new ShareOptions { MaxEntries = maxEntries };
        ShareReport dense = Check(spacing: 1, options);
        ShareReport scattered = Check(spacing: 64, options);

        Assert.Equal(scattered.EntryCount, dense.EntryCount);
        Assert.Equal(scattered.OffenderCount, dense.OffenderCount);
        Assert.Equal(scattered.NotInMemory, dense.NotInMemory);
        Assert.Equal(scattered.Cycles, dense.Cycles);
        Assert.Equal(scattered.IsCut, dense.IsCut);
        Assert.Equal(scattered.Reasons.Select(r => (r.Finding, r.Count, r.Reachable)), dense.Reasons.Select(r => (r.Finding, r.Count, r.Reachable)));
        Assert.Equal(
            scattered.Offenders.Select(o => (o.Address, o.Level, o.IsReachable)), dense.Offenders.Select(o => (o.Address, o.Level, o.IsReachable)));
    }

    [Fact]
    public void Every_entry_that_holds_something_is_counted_and_every_offender_found()
    {
        ShareReport report = Check(spacing: 1, ShareOptions.Default);

        // By hand: of the lowest tables one in eight has a hole of 100, one in eight each an offender; table 3 is empty.
        long entries = 0;
        long offenders = 0;
        for (int i = 0; i < Lowest; i++)
        {
            entries += i == 3 ? 0 : 512 - (i % 8 == 1 ? 100 : 0);
            offenders += i % 8 is 2 or 4 or 6 ? 1 : 0;
        }

        // The tables' own entries: two above, those of the lowest ones, a second way to one, the cycle and the lost one.
        entries += 2 + Lowest + 1 + 1 + 1;
        Assert.Equal(entries, report.EntryCount);
        Assert.Equal(offenders, report.OffenderCount);
        Assert.Equal((1, 1), (report.Cycles, report.NotInMemory));
    }

    // Four pages, each of which leads to the next in all its entries, or leads to what is not there or back up.
    [Theory]
    [InlineData(0x500_0037ul, 4 * 512, 0, 0, 0)]
    [InlineData(0xfee0_0037ul, 4 * 512, 512, 0, 0)]
    [InlineData(0ul, 3 * 512, 0, 0, 0)]
    public void Tables_that_lead_to_each_other_in_every_entry_are_judged_once(
        ulong leaf, long entries, long offenders, long missing, long cycles) =>
        AssertJudgedOnce([At(1, 1) | Table, At(2, 1) | Table, At(3, 1) | Table, leaf], entries, offenders, missing, cycles);

    [Theory]
    [InlineData(0x9_9900_0000ul | Table, 512, 0)]
    [InlineData(Base | Table, 0, 512)]
    public void Ways_to_nowhere_are_counted_once(ulong nowhere, long missing, long cycles) =>
        AssertJudgedOnce([At(1, 1) | Table, At(2, 1) | Table, nowhere], 3 * 512, 0, missing, cycles);

    private static void AssertJudgedOnce(ulong[] entryOfPages, long entries, long offenders, long missing, long cycles)
    {
        var pages = new SparsePages();
        for (int i = 0; i < entryOfPages.Length; i++)
        {
            ulong[] table = new ulong[512];
            table.AsSpan().Fill(entryOfPages[i]);
            pages.Add(new(At(i, 1)), table);
        }

        ShareReport report = Check(new SparseMemory(pages), spacing: 1, ShareOptions.Default);

        Assert.Equal(
            (entries, offenders, missing, cycles), (report.EntryCount, report.OffenderCount, report.NotInMemory, report.Cycles));
    }

    private static ShareReport Check(int spacing, ShareOptions options) => Check(Tables(spacing), spacing, options);

    private static ShareReport Check(SparseMemory memory, int spacing, ShareOptions options)
    {
        FormatRules<Ept> exporter = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = 46 });
        return ShareCheck.Run(
            in memory,
            [new Root<Ept>(exporter, new(At(0, spacing)), levels: 4)],
            exporter,
            null,
            null,
            VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 46 }),
            options);
    }

    private static SparseMemory Tables(int spacing)
    {
        var pages = new SparsePages();
        ulong[] root = new ulong[512];
        root[0] = At(1, spacing) | Table;
        ulong[] second = new ulong[512];
        second[0] = At(2, spacing) | Table;
        ulong[] third = new ulong[512];
        for (int i = 0; i < Lowest; i++)
        {
            third[i] = At(Upper + i, spacing) | Table;
            pages.Add(new(At(Upper + i, spacing)), LowestTable(i));
        }

        // A second way to a table that is clean, a way back up, and a table that is not there.
        third[300] = third[0];
        third[301] = At(1, spacing) | Table;
        third[302] = At(3, spacing) | Table;
        pages.Add(new(At(0, spacing)), root);
        pages.Add(new(At(1, spacing)), second);
        pages.Add(new(At(2, spacing)), third);
        return new SparseMemory(pages);
    }

    private static ulong[] LowestTable(int number)
    {
        ulong[] table = new ulong[512];
        if (number == 3)
        {
            return table;
        }

        for (int i = 0; i < table.Length; i++)
        {
            table[i] = ((0x40_0000ul + ((ulong)number << 9) + (ulong)i) << 12) | Leaf | (i % 3 == 0 ? 0x300ul : 0);
        }

        int at = number * 37 % 400;
        switch (number % 8)
        {
            case 1:
                table.AsSpan(at, 100).Clear();
                break;
            case 2:
                // Into the window of interrupts.
                table[at] = 0xfee0_1000 | Leaf;
                break;
            case 4:
                // What KVM writes for emulated devices: present to VT-d.
                table[at] = 0xd000_0006;
                break;
            case 5:
                // Read-only tables are as fine.
                foreach (ref ulong entry in table.AsSpan())
                {
                    entry &= ~2ul;
                }

                break;
            case 6:
                // Free for software in EPT, reserved in VT-d.
                table[at] |= 1ul << 62;
                break;
        }

        return table;
    }

    private static ulong At(int page, int spacing) => Base + ((ulong)(page * spacing) << 12);
}

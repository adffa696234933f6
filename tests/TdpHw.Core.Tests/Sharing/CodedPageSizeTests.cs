using TdpHw.Core.Sharing;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Core.Tests.Sharing;

/// <summary>
/// Pages that take several slots among others that take one, as AMD-Vi v1 writes them (AMD IOMMU Specification 2.2.3, page size
/// encodings): next level 7, and an address whose lowest zero bit is half the page. To x86-64 paging each slot is a page of its own.
/// </summary>
public sealed class CodedPageSizeTests
{
    private const ulong Base = 0x1_0000_0000;

    // Present with IR and IW, which x86-64 paging ignores.
    private const ulong Usual = 0x6000_0000_0000_0001;

    // Next level 7, and 0111 from bit 12 on.
    private const ulong Of64K = 0x7e00;

    // Reserved to AMD-Vi, ignored by x86-64 paging.
    private const ulong Bit52 = 1ul << 52;
    private const int SlotsOf64K = 16;
    private const int Lowest = 200;
    private const int Upper = 3;

    private static readonly FormatRules<AmdV1> Amd = AmdV1.RulesFor(new AmdV1Capabilities());
    private static readonly FormatRules<X64> Processor = X64.RulesFor(new X64Capabilities { MaxPhyAddr = 52 });

    /// <summary>Tables one behind the other are looked through in the order of memory first, others are not.</summary>
    public static TheoryData<int> Spacings => [1, 64];

    [Theory]
    [MemberData(nameof(Spacings))]
    public void A_page_of_many_slots_is_one_entry(int spacing)
    {
        ShareReport report = Check(spacing, Amd, Amd);

        Assert.Equal(EntriesOf(i => (i % 5) switch { 1 or 4 => 512 - 15, 2 => 32, _ => 512 }), report.EntryCount);
        Assert.Equal(0, report.OffenderCount);
    }

    [Theory]
    [MemberData(nameof(Spacings))]
    public void Only_its_page_is_another_one_to_an_importer_without_coded_sizes(int spacing)
    {
        ShareReport report = Check(spacing, Amd, Processor);

        Assert.Equal(EntriesOf(i => (i % 5) switch { 1 or 4 => 512 - 15, 2 => 32, _ => 512 }), report.EntryCount);
        AssertFound(
            report,
            (ShareCode.DifferentMapping, i => (i % 5) switch
            {
                1 => [48],
                2 => Enumerable.Range(0, 32).Select(page => page * SlotsOf64K),
                4 => [.. Enumerable.Range(32, 15), 96],
                _ => [],
            }),
            (ShareCode.UnwantedMapping, i => i % 5 == 3 ? [77] : []));
    }

    [Theory]
    [MemberData(nameof(Spacings))]
    public void Only_its_slots_are_other_pages_to_an_importer_with_coded_sizes(int spacing)
    {
        ShareReport report = Check(spacing, Processor, Amd);

        Assert.Equal(EntriesOf(_ => 512), report.EntryCount);
        AssertFound(
            report,
            (ShareCode.DifferentMapping, i => (i % 5) switch
            {
                1 => Enumerable.Range(48, 16),
                2 => Enumerable.Range(0, 512),
                4 => [.. Enumerable.Range(32, 15), .. Enumerable.Range(96, 16)],
                _ => [],
            }),
            (ShareCode.ReservedBit, i => i % 5 == 3 ? [77] : []));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(700)]
    [InlineData(1_061)]
    [InlineData(33_333)]
    public void Counting_stops_at_the_bound_wherever_it_falls(long maxEntries)
    {
        var options = new ShareOptions { MaxEntries = maxEntries };
        ShareReport dense = Check(spacing: 1, Amd, Processor, options);
        ShareReport scattered = Check(spacing: 64, Amd, Processor, options);

        Assert.Equal((maxEntries, true), (dense.EntryCount, dense.IsCut));
        Assert.Equal((maxEntries, true), (scattered.EntryCount, scattered.IsCut));
        Assert.Equal(scattered.OffenderCount, dense.OffenderCount);
    }

    /// <summary>The entries of the lowest tables, and those above: one in each upper table but the lowest of them, which leads to all.</summary>
    private static long EntriesOf(Func<int, int> inTable) => Upper - 1 + Lowest + Enumerable.Range(0, Lowest).Sum(i => (long)inTable(i));

    private static void AssertFound(ShareReport report, params (ShareCode Code, Func<int, IEnumerable<int>> Slots)[] expected)
    {
        foreach ((ShareCode code, Func<int, IEnumerable<int>> slots) in expected)
        {
            Assert.Equal(
                Enumerable.Range(0, Lowest).SelectMany(i => slots(i).Select(slot => ((ulong)i << 21) + ((ulong)slot << 12))),
                report.Offenders.Where(o => o.Findings.Any(f => f.Code == code)).Select(o => o.Address.Value));
        }

        Assert.Equal(
            expected.Select(e => e.Code).Order(),
            report.Offenders.SelectMany(o => o.Findings).Select(f => f.Code).Distinct().Order());
    }

    private static ShareReport Check<TExporter, TImporter>(
        int spacing, FormatRules<TExporter> exporter, FormatRules<TImporter> importer, ShareOptions? options = null)
        where TExporter : struct, IPageTableFormat<TExporter>
        where TImporter : struct, IPageTableFormat<TImporter>
    {
        SparseMemory memory = Tables(spacing);
        return ShareCheck.Run(
            in memory,
            [new Root<TExporter>(exporter, new(At(0, spacing)), levels: Upper + 1)],
            exporter,
            null,
            null,
            importer,
            options ?? ShareOptions.Default);
    }

    private static SparseMemory Tables(int spacing)
    {
        var pages = new SparsePages();
        for (int level = Upper + 1; level > 2; level--)
        {
            ulong[] upper = new ulong[512];
            upper[0] = Table(Upper + 2 - level, level, spacing);
            pages.Add(new(At(Upper + 1 - level, spacing)), upper);
        }

        ulong[] second = new ulong[512];
        for (int i = 0; i < Lowest; i++)
        {
            second[i] = Table(Upper + i, level: 2, spacing);
            pages.Add(new(At(Upper + i, spacing)), LowestTable(i));
        }

        pages.Add(new(At(Upper - 1, spacing)), second);
        return new SparseMemory(pages);
    }

    /// <summary>
    /// Of five tables one holds pages of 4K; one of them and one page of 64K; one pages of 64K; one a refused page among pages of 4K; one
    /// a page of 64K that lacks its last slot, and a whole one.
    /// </summary>
    private static ulong[] LowestTable(int number)
    {
        ulong[] table = new ulong[512];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = ((0x40_0000ul + ((ulong)number << 9) + (ulong)i) << 12) | Usual;
        }

        switch (number % 5)
        {
            case 1:
                Join(table.AsSpan(48, SlotsOf64K));
                break;
            case 2:
                for (int i = 0; i < table.Length; i += SlotsOf64K)
                {
                    Join(table.AsSpan(i, SlotsOf64K));
                }

                break;
            case 3:
                table[77] |= Bit52;
                break;
            case 4:
                Join(table.AsSpan(32, SlotsOf64K - 1));
                Join(table.AsSpan(96, SlotsOf64K));
                break;
        }

        return table;
    }

    private static void Join(Span<ulong> slots) => slots.Fill(slots[0] | Of64K);

    private static ulong Table(int page, int level, int spacing) => At(page, spacing) | Usual | ((ulong)(level - 1) << 9);

    private static ulong At(int page, int spacing) => Base + ((ulong)(page * spacing) << 12);
}

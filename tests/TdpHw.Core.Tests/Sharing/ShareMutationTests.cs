using TdpHw.Core.Sharing;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Core.Tests.Sharing;

public sealed class ShareMutationTests
{
    private const int MutantsPerEntry = 64;

    // Three table entries, three leaves at each of three levels, an empty entry at each of four.
    private const int Entries = 3 + 9 + 4;

    private static readonly SharedTable Table = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_table_of_the_series_without_mmio_can_be_shared(bool hasSnoopControl)
    {
        ShareReport report = Check(Table.With(Table.Used[0], Table.Used[0].Entry), hasSnoopControl);

        Assert.True(report.IsShareable);
        Assert.Equal(0, report.OffenderCount);
        Assert.All(report.Reasons, r => Assert.Equal(0, r.Count));
        Assert.Equal(3 + 9, report.EntryCount);
        Assert.Equal(0, report.NotInMemory);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_single_bit_flips_the_answer_where_it_matters_and_changes_nothing_elsewhere(bool hasSnoopControl)
    {
        int matters = 0;
        int tried = 0;
        foreach (SharedTable.Slot slot in Table.Used)
        {
            for (int bit = 0; bit < MutantsPerEntry; bit++, tried++)
            {
                ulong entry = slot.Entry ^ 1ul << bit;
                ShareFinding[] expected = ManualJudge.Judge(slot.Level, entry, hasSnoopControl);

                ShareReport report = Check(Table.With(slot, entry), hasSnoopControl);

                AssertReport(report, slot, entry, expected);
                matters += expected.Length == 0 ? 0 : 1;
            }
        }

        Assert.Equal(Entries, Table.Used.Count);
        Assert.Equal(Entries * MutantsPerEntry, tried);
        Assert.InRange(matters, Entries, tried / 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_bits_that_the_series_speaks_of_are_among_those_that_matter(bool hasSnoopControl)
    {
        foreach (SharedTable.Slot slot in Table.Used.Where(s => s.Entry != 0))
        {
            bool isTable = slot.Level > 1 && slot.Index == 0;
            foreach ((int bit, bool isInTheWay) in ((int, bool)[])[(11, isTable || !hasSnoopControl), (62, true), (59, false), (52, false)])
            {
                ShareReport report = Check(Table.With(slot, slot.Entry ^ 1ul << bit), hasSnoopControl);

                Assert.Equal(isInTheWay, report.OffenderCount != 0);
                Assert.All(report.Offenders, o => Assert.Equal(bit, Assert.Single(o.Findings).Bit));
            }
        }
    }

    private static void AssertReport(ShareReport report, SharedTable.Slot slot, ulong entry, ShareFinding[] expected)
    {
        string mutant = $"level {slot.Level}, index {slot.Index}, entry 0x{entry:x}";
        Assert.True(report.IsShareable == (expected.Length == 0 && report.IsComplete), mutant);
        Assert.True(report.OffenderCount == (expected.Length == 0 ? 0 : 1), mutant);
        Assert.Equal(expected, report.Reasons.Where(r => r.Count != 0).Select(r => r.Finding));
        Assert.All(report.Reasons.Where(r => r.Count != 0), r => Assert.Equal(1, r.Count));
        if (expected.Length != 0)
        {
            ShareOffender offender = Assert.Single(report.Offenders);
            Assert.Equal(
                (SharedTable.Root, slot.Address, slot.Level, entry),
                (offender.Root, offender.Address.Value, offender.Level, offender.Entry));
            Assert.Equal(expected, offender.Findings);
        }
    }

    private static ShareReport Check(SparseMemory memory, bool hasSnoopControl)
    {
        FormatRules<Ept> exporter = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = SharedTable.AddressWidth });
        return ShareCheck.Run(
            in memory,
            [new Root<Ept>(exporter, SharedTable.Root, 4)],
            exporter,
            KvmEpt.Description,
            KvmEpt.Description.Variants.Single(v => v.Id == "high"),
            VtdSecondStage.RulesFor(new VtdSecondStageCapabilities
            {
                Haw = SharedTable.AddressWidth,
                SnoopControl = hasSnoopControl,
            }));
    }
}

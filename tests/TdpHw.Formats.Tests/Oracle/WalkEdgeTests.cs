namespace TdpHw.Formats.Tests.Oracle;

public sealed class WalkEdgeTests
{
    private const ulong Root = 0x1000;
    private const ulong ReadWriteTable = 0x3;

    /// <summary>The manuals' depths of walk and the widths of the addresses that they translate.</summary>
    public static TheoryData<string, string, int, int> Depths
    {
        get
        {
            var data = new TheoryData<string, string, int, int>();
            foreach (string subject in Subjects.All)
            {
                data.Add(subject, "ept", 4, 48);
                data.Add(subject, "ept", 5, 57);
                data.Add(subject, "vtd-ss", 3, 39);
                data.Add(subject, "vtd-ss", 4, 48);
                data.Add(subject, "vtd-ss", 5, 57);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Depths))]
    public void The_highest_address_takes_the_last_entry_of_every_table(
        string subject, string formatId, int levels, int inputBits)
    {
        var reads = new List<ulong>();
        WalkResult result = Rules(subject, formatId).Walk(
            address => ReadSelf(reads, address), Root, levels, new((1ul << inputBits) - 1), Access.Write);

        Assert.Equal(WalkOutcome.Mapped, result.Outcome);
        Assert.Equal(0x1fffu, result.Output.Value);
        Assert.Equal(4096u, result.PageSize);
        Assert.Equal(Enumerable.Repeat(Root + 0xff8, levels), reads);
    }

    [Theory]
    [MemberData(nameof(Depths))]
    public void An_address_beyond_the_width_is_answered_without_reading(
        string subject, string formatId, int levels, int inputBits)
    {
        var reads = new List<ulong>();
        WalkResult result = Rules(subject, formatId).Walk(
            address => ReadSelf(reads, address), Root, levels, new(1ul << inputBits), Access.None);

        Assert.Equal(new WalkResult { Outcome = WalkOutcome.AddressTooWide }, result);
        Assert.Empty(reads);
    }

    [Theory]
    [MemberData(nameof(Depths))]
    public void A_table_outside_memory_ends_the_walk_there(string subject, string formatId, int levels, int inputBits)
    {
        // The root table alone is there; its entries point beyond it.
        const ulong Elsewhere = 0x8000;
        ulong highest = (1ul << inputBits) - 1;
        WalkResult result = Rules(subject, formatId).Walk(
            address => address >> 12 == Root >> 12 ? Elsewhere | ReadWriteTable : null,
            Root,
            levels,
            new(highest),
            Access.Read);

        Assert.Equal(WalkOutcome.NotInMemory, result.Outcome);
        Assert.Equal(levels - 1, result.Level);
        Assert.Equal(Elsewhere + 0xff8, result.EntryAddress.Value);
        Assert.Equal(0u, result.Entry);
        Assert.Equal(Rights.Read | Rights.Write, result.Rights & (Rights.Read | Rights.Write | Rights.Execute));
    }

    [Theory]
    [MemberData(nameof(Depths))]
    public void A_walk_of_five_levels_needs_hardware_that_has_it(
        string subject, string formatId, int levels, int inputBits)
    {
        IRulesUnderTest rules = Subjects.Named(subject).Resolve(
            formatId, new Dictionary<string, ulong> { ["walk_5"] = 0 });
        var reads = new List<ulong>();
        void Walk() => rules.Walk(address => ReadSelf(reads, address), Root, levels, new(1ul << (inputBits - 1)), Access.None);

        if (levels == 5)
        {
            Assert.Throws<ArgumentOutOfRangeException>(Walk);
            Assert.Empty(reads);
        }
        else
        {
            Walk();
            Assert.Equal(levels, reads.Count);
        }
    }

    private static IRulesUnderTest Rules(string subject, string formatId) =>
        Subjects.Named(subject).Resolve(formatId, new Dictionary<string, ulong> { ["walk_5"] = 1 });

    /// <summary>A memory whose every entry points back to the root table: it is both table and page.</summary>
    private static ulong? ReadSelf(List<ulong> reads, ulong address)
    {
        reads.Add(address);
        return Root | ReadWriteTable;
    }
}

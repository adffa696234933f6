using TdpHw.Formats.Tests.Generated;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Batches through an index of a snapshot against walks from the root.</summary>
public sealed class SnapshotIndexTests
{
    private const ulong Leaf = 0x37;
    private const ulong Table = 0x7;
    private const ulong X64Present = 0x7;

    private static readonly FormatRules<Ept> EptRules = Ept.RulesFor(Ept.Description.DefaultCapabilities.With("maxphyaddr", 52));

    public static TheoryData<string> FormatIds => Machines.FormatIds;

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Answers_are_those_of_walks_from_the_root(string formatId)
    {
        var findings = new Findings();
        int count = 0;
        Machine[] machines = [.. Machines.Some(formatId, 3), Machines.Richest(formatId)];
        for (int i = 0; i < machines.Length; i++)
        {
            var comparison = new Comparison(findings, machines[i], RootRights.Of(i), new Random(i));
            Assert.True(RegisteredFormats.TryVisit(formatId, comparison, out int compared));
            count += compared;
        }

        findings.AssertNone(count);
    }

    [Fact]
    public void An_address_whose_lowest_table_is_known_costs_one_read()
    {
        TestTables tables = OneRegion(regions: 3);
        var root = new Root<Ept>(EptRules, new(tables.AddressOf(0)), 4);
        TestMemory memory = tables.Memory;
        SnapshotIndex<Ept> index = SnapshotIndexer.Index(in memory, root);

        // A block that knows nothing, one for the only gigabyte, and where that one is.
        Assert.Equal((512 + 512 + 1) * sizeof(uint), index.ByteCount);

        InputAddress[] addresses = [.. Enumerable.Range(0, 600).Select(i => new InputAddress((ulong)(i % 3) << 21 | (ulong)(i * 7 % 512) << 12))];
        var results = new WalkResult[addresses.Length];
        int before = tables.EntryReads;
        BatchWalk.Walk(in memory, index, addresses, Access.Read, results);
        Assert.Equal(addresses.Length, tables.EntryReads - before);
        Assert.All(results, result => Assert.Equal(WalkOutcome.Mapped, result.Outcome));
    }

    [Fact]
    public void An_address_whose_upper_bits_are_copies_is_known_too()
    {
        const ulong Highest = 0xffff_ffff_ffff_f000;
        var tables = new TestTables(0x1000, 4);
        for (int page = 0; page < 3; page++)
        {
            tables[page, 511] = tables.AddressOf(page + 1) | X64Present;
        }

        tables[3, 511] = X64Present;
        var root = new Root<X64>(X64.RulesFor(X64.Description.DefaultCapabilities), new(tables.AddressOf(0)), 4);
        TestMemory memory = tables.Memory;
        SnapshotIndex<X64> index = SnapshotIndexer.Index(in memory, root);
        var results = new WalkResult[1];
        int before = tables.EntryReads;
        BatchWalk.Walk(in memory, index, [new(Highest)], Access.Read, results);
        Assert.Equal(WalkOutcome.Mapped, results[0].Outcome);
        Assert.Equal(1, tables.EntryReads - before);
    }

    [Fact]
    public void Lowest_tables_are_read_as_they_are_now_and_those_above_as_they_were()
    {
        TestTables tables = OneRegion(regions: 2);
        var root = new Root<Ept>(EptRules, new(tables.AddressOf(0)), 4);
        TestMemory memory = tables.Memory;
        SnapshotIndex<Ept> index = SnapshotIndexer.Index(in memory, root);
        tables[3, 5] = 0x1234_5000 | Leaf;
        tables[2, 1] = 0;

        var results = new WalkResult[2];
        BatchWalk.Walk(in memory, index, [new(0x5000), new(0x20_0000)], Access.Read, results);
        Assert.Equal(0x1234_5000ul, results[0].Output.Value);
        Assert.Equal(WalkOutcome.Mapped, results[1].Outcome);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(5, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void Tables_too_far_from_each_other_are_walked_to(int oneIn, bool sideBySide)
    {
        // The first table is in the middle of what 32 bits reach, the second a whole reach above it.
        ulong[] lowest = [0x10_0000_0000, 0x10_0000_0000 + (1ul << 40)];
        var memory = new FunctionMemory(address => (address & ~0xffful) switch
        {
            0x1000 => 0x2000 | Table,
            0x2000 => 0x3000 | Table,
            0x3000 => (address & 0xff8) < 16 ? lowest[(address & 0xff8) / 8] | Table : 0,
            ulong page when lowest.Contains(page) => (page + (address & 0xff8) << 9) & 0xf_ffff_ffff_f000 | Leaf,
            _ => null,
        });
        var root = new Root<Ept>(EptRules, new(0x1000), 4);
        SnapshotIndex<Ept> index = SnapshotIndexer.Index(in memory, root);
        var random = new Random(oneIn);
        InputAddress[] addresses =
        [
            .. Enumerable.Range(0, 600).Select(i => new InputAddress((i % oneIn == 0 ? 0 : 0x20_0000ul) | (uint)random.Next(1 << 21))),
            new(0x40_0000),
        ];
        var results = new WalkResult[addresses.Length];
        GroupedWalk<Ept, FunctionMemory>.Run(in memory, root, addresses, Access.None, results, sideBySide, index);
        Assert.Equal(addresses.Select(address => Ept.Walk(in memory, root, address)), results);
        Assert.Equal(lowest[1], results[1].EntryAddress.Value & ~0xffful);
        Assert.Equal(WalkOutcome.NotPresent, results[^1].Outcome);
    }

    [Fact]
    public void A_pointer_to_where_nothing_is_costs_one_read()
    {
        const int Pointers = 512;
        var tables = new TestTables(0x1000, 2);
        tables[0, 0] = tables.AddressOf(1) | Table;
        for (int i = 0; i < Pointers; i++)
        {
            tables[1, i] = 0x1_0000_0000 + ((ulong)i << 12) | Table;
        }

        TestMemory memory = tables.Memory;
        SnapshotIndex<Ept> index = SnapshotIndexer.Index(in memory, new Root<Ept>(EptRules, new(tables.AddressOf(0)), 4));
        Assert.Equal(512 + 512 + Pointers, tables.EntryReads);
        Assert.Equal(512 * sizeof(uint), index.ByteCount);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void A_table_that_leads_to_itself_everywhere_ends(int levels)
    {
        var tables = new TestTables(0x1000, 1);
        tables.Page(0).Fill(tables.AddressOf(0) | Table);
        FormatRules<Ept> rules = Ept.RulesFor(Ept.Description.DefaultCapabilities.With("walk_5", 1));
        var root = new Root<Ept>(rules, new(tables.AddressOf(0)), levels);
        TestMemory memory = tables.Memory;
        SnapshotIndex<Ept> index = SnapshotIndexer.Index(in memory, root);
        Assert.InRange(tables.EntryReads, 1, 1 << 21);
        Assert.InRange(index.ByteCount, 1, 1 << 23);

        InputAddress[] addresses = [new(0x1000), new(0x7fff_ffff_f000), new(0xffff_ffff_f000)];
        var results = new WalkResult[addresses.Length];
        BatchWalk.Walk(in memory, index, addresses, Access.None, results);
        Assert.Equal(addresses.Select(address => Ept.Walk(in memory, root, address)), results);
    }

    [Theory]
    [InlineData(0x1000ul, 0ul)]
    [InlineData(0xf_ffff_ffff_f000ul, 0xf_ffff_f000_0000ul)]
    [InlineData(0x80_0000_0000ul, 0x1000ul)]
    public void A_place_names_its_table_and_all_rights(ulong table, ulong reach)
    {
        for (Rights rights = Rights.Read; rights <= Rights.All; rights++)
        {
            uint place = TablePlace<Ept>.Of(new(table), reach, rights);
            Assert.Equal(table, TablePlace<Ept>.TableAt(place, reach));
            Assert.Equal(rights, TablePlace<Ept>.RightsAt(place));
        }
    }

    [Theory]
    [InlineData(0x1000ul, 0x2000ul, Rights.All)]
    [InlineData(0x80_0000_1000ul, 0x1000ul, Rights.All)]
    [InlineData(0x5800ul, 0x1000ul, Rights.All)]
    [InlineData(0x5000ul, 0x1000ul, Rights.None)]
    public void What_no_place_can_name_has_none(ulong table, ulong reach, Rights rights) =>
        Assert.Equal(0u, TablePlace<Ept>.Of(new(table), reach, rights));

    [Fact]
    public void Answers_that_have_no_room_are_refused()
    {
        TestTables tables = OneRegion(regions: 1);
        TestMemory memory = tables.Memory;
        SnapshotIndex<Ept> index = SnapshotIndexer.Index(in memory, new Root<Ept>(EptRules, new(tables.AddressOf(0)), 4));
        Assert.Throws<ArgumentException>(() => BatchWalk.Walk(in memory, index, new InputAddress[2], Access.None, new WalkResult[1]));
    }

    /// <summary>A root, one table of each level above the lowest, and lowest tables full of leaves.</summary>
    private static TestTables OneRegion(int regions)
    {
        var tables = new TestTables(0x1000, 3 + regions);
        tables[0, 0] = tables.AddressOf(1) | Table;
        tables[1, 0] = tables.AddressOf(2) | Table;
        for (int i = 0; i < regions; i++)
        {
            tables[2, i] = tables.AddressOf(3 + i) | Table;
            tables.Page(3 + i).Fill(Leaf);
        }

        return tables;
    }

    private sealed class Comparison(Findings findings, Machine machine, Rights rootRights, Random random) : IFormatVisitor<int>
    {
        public int Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat>
        {
            int count = 0;
            TestTables tables = new TreeMaker(random).Dense(machine, 15);
            TestMemory memory = tables.Memory;
            FormatRules<TFormat> rules = TFormat.RulesFor(machine.Generated.Capabilities);
            foreach (WalkShape walk in machine.Generated.Walks)
            {
                var root = new Root<TFormat>(rules, new(tables.AddressOf(walk.Levels - 1)), walk.Levels) { Rights = rootRights };
                SnapshotIndex<TFormat> index = SnapshotIndexer.Index(in memory, root);
                InputAddress[] given = [.. WalkAddresses.AllOver(machine, walk, random, 600)];
                foreach (InputAddress[] addresses in (InputAddress[][])[given, [.. given.Order()], [.. given.Take(40).SelectMany(a => Enumerable.Repeat(a, 20))]])
                {
                    foreach (Access access in Enum.GetValues<Access>())
                    {
                        WalkResult[] expected = [.. addresses.Select(address => FormatWalk.Walk(in memory, root, address, access))];
                        foreach (bool sideBySide in (bool[])[false, true])
                        {
                            var results = new WalkResult[addresses.Length];
                            GroupedWalk<TFormat, TestMemory>.Run(in memory, root, addresses, access, results, sideBySide, index);
                            for (int i = 0; i < results.Length; i++, count++)
                            {
                                if (results[i] != expected[i])
                                {
                                    findings.Add($"{machine} {access} {addresses[i]}: {results[i]}, not {expected[i]}");
                                }
                            }
                        }
                    }
                }
            }

            return count;
        }
    }
}

using TdpHw.Formats.Tests.Generated;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Walks: emitted, generic and in batches against the interpreter, for every format there is.</summary>
public sealed class WalkConformanceTests
{
    private const int Pages = 15;
    private const int MostTrees = 40;

    public static TheoryData<string> FormatIds => Machines.FormatIds;

    public static TheoryData<string, int> FormatSeeds
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (FormatDescription format in RegisteredFormats.All)
            {
                for (int seed = 0; seed < 4; seed++)
                {
                    data.Add(format.Id, seed);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(FormatSeeds))]
    public void All_walks_through_random_tables_end_as_the_interpreter_says(string formatId, int seed)
    {
        var random = new Random(seed);
        var findings = new Findings();
        var seen = new HashSet<WalkOutcome>();
        int count = 0;
        Machine[] machines = [.. Machines.Some(formatId, 5), Machines.Richest(formatId)];
        WalkOutcome[] possible = [.. Enum.GetValues<WalkOutcome>().Where(outcome => machines.Any(machine => CanEndIn(machine, outcome)))];

        // What a format refuses seldom may need more trees until a walk comes across it.
        for (int tree = 0; tree < machines.Length || (tree < MostTrees && !possible.All(seen.Contains)); tree++)
        {
            Machine machine = machines[Math.Min(tree, machines.Length - 1)];
            machine.Generated.RootRights = RootRights.Of(seed);
            TestTables tables = new TreeMaker(random).Dense(machine, Pages);
            foreach (WalkShape walk in machine.Generated.Walks)
            {
                InputAddress[] addresses = [.. WalkAddresses.AllOver(machine, walk, random, 250)];
                foreach (Access access in Enum.GetValues<Access>())
                {
                    var expected = new WalkResult[addresses.Length];
                    for (int i = 0; i < addresses.Length; i++)
                    {
                        expected[i] = machine.Interpreted.Walk(
                            tables.Peek,
                            tables.AddressOf(walk.Levels - 1),
                            walk.Levels,
                            addresses[i],
                            access,
                            machine.Generated.RootRights);
                        seen.Add(expected[i].Outcome);
                        foreach (WalkWay way in Enum.GetValues<WalkWay>())
                        {
                            WalkResult actual = machine.Generated.Walk(
                                way, tables.Memory, tables.AddressOf(walk.Levels - 1), walk.Levels, addresses[i], access);
                            Compare(findings, $"seed {seed} {machine} {way} {access} {addresses[i]}", expected[i], actual);
                            count++;
                        }
                    }

                    CheckBatches(findings, $"seed {seed} {machine} {access}", machine, tables, walk, addresses, access, expected);
                }
            }
        }

        findings.AssertNone(count);
        Assert.Equal(possible.Order(), seen.Order());
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_page_of_every_size_is_reached_at_its_first_and_last_address(string formatId)
    {
        var random = new Random(5);
        int count = 0;
        foreach (Machine machine in Machines.Some(formatId, 24))
        {
            foreach (WalkShape walk in machine.Generated.Walks)
            {
                foreach (int leafLevel in machine.Levels.Where(level => level <= walk.Levels))
                {
                    LevelRules rules = machine.Generated[leafLevel];
                    ulong page = machine.Within(rules.LeafAddress);
                    ulong leaf = new EntryMaker(random).WellFormed(rules, EntryKind.Leaf, page);
                    if (rules.KindOf(leaf) != EntryKind.Leaf)
                    {
                        continue;
                    }

                    ulong highest = ulong.MaxValue >> (64 - walk.InputBits);
                    ulong[] edges = [0ul, rules.PageSize - 1, highest & ~(rules.PageSize - 1), highest, highest >> 1];
                    foreach (ulong address in edges.Select(edge => machine.Canonical(walk, edge)))
                    {
                        TestTables tables = Chain(machine, walk, leafLevel, address, leaf, random);
                        foreach (WalkWay way in Enum.GetValues<WalkWay>())
                        {
                            WalkResult result = machine.Generated.Walk(
                                way, tables.Memory, tables.AddressOf(0), walk.Levels, new(address), Access.None);
                            Assert.Equal(WalkOutcome.Mapped, result.Outcome);
                            Assert.Equal(leafLevel, result.Level);
                            Assert.Equal(rules.PageSize, result.PageSize);
                            Assert.Equal(
                                (page << machine.Generated.AddressShift) | (address & (rules.PageSize - 1)), result.Output.Value);
                            count++;
                        }
                    }
                }
            }
        }

        Assert.NotEqual(0, count);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_page_that_says_its_size_is_reached_in_each_of_its_slots_and_listed_once(string formatId)
    {
        var random = new Random(10);
        Machine machine = Machines.Richest(formatId);
        int count = 0;
        foreach (LevelRules rules in machine.Levels.Select(level => machine.Generated[level]).Where(r => r.CodedAddress != 0))
        {
            WalkShape walk = machine.Deepest;
            var maker = new EntryMaker(random);
            for (int i = 0; i < 24; i++)
            {
                ulong leaf = maker.OfCodedSize(rules, TreeMaker.Start >> machine.Generated.AddressShift);
                int shift = rules.PageShiftOf(leaf);
                if (rules.KindOf(leaf) != EntryKind.Leaf || shift == rules.Shift || rules.Level >= walk.Levels)
                {
                    continue;
                }

                TestTables tables = Chain(machine, walk, rules.Level, 0, leaf, random);
                int slots = 1 << (shift - rules.Shift);
                tables.Page(walk.Levels - rules.Level).Slice(slots, slots).Fill(leaf);
                foreach (ulong address in new[] { 1ul << shift, (2ul << shift) - 1, (1ul << shift) + (1ul << rules.Shift) })
                {
                    foreach (WalkWay way in Enum.GetValues<WalkWay>())
                    {
                        WalkResult result = machine.Generated.Walk(
                            way, tables.Memory, tables.AddressOf(0), walk.Levels, new(address), Access.None);
                        Assert.Equal(WalkOutcome.Mapped, result.Outcome);
                        Assert.Equal(1ul << shift, result.PageSize);
                        Assert.Equal(machine.Interpreted.Decode(rules.Level, leaf).OutputAddress + (address % (1ul << shift)), result.Output.Value);
                        count++;
                    }
                }

                // The first slot of another page stands alone: it maps that slot and no more.
                CursorEntry[] listed =
                [
                    .. machine.Generated.List(tables.Memory, tables.AddressOf(0), walk.Levels, Wanted.Leaves)
                        .Where(entry => entry.Kind == EntryKind.Leaf),
                ];
                Assert.Equal([0ul, 1ul << shift], listed.Select(entry => entry.Address.Value));
                Assert.Equal([rules.Shift, shift], listed.Select(entry => entry.PageShift));
            }
        }

        Assert.Equal(machine.Levels.Any(level => machine.Generated[level].CodedAddress != 0), count != 0);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void An_entry_that_skips_levels_leads_to_the_addresses_whose_bits_there_are_zero(string formatId)
    {
        var random = new Random(13);
        Machine machine = Machines.Richest(formatId);
        WalkShape walk = machine.Deepest;
        int count = 0;
        LevelRules top = machine.Generated[walk.Levels];
        if (top.NextLevel != 0)
        {
            var maker = new EntryMaker(random);
            TestTables tables = machine.Tables(2);
            do
            {
                tables[0, 1] = maker.Skipping(top, tables.AddressOf(1));
            }
            while (top.NextLevelOf(tables[0, 1]) != 1);
            tables[1, 3] = maker.WellFormed(machine.Generated[1], EntryKind.Leaf, TreeMaker.Nowhere);
            ulong good = (1ul << top.Shift) + (3ul << machine.Generated[1].Shift);
            foreach (WalkWay way in Enum.GetValues<WalkWay>())
            {
                WalkResult reached = Walk(way, good);
                Assert.Equal(WalkOutcome.Mapped, reached.Outcome);
                Assert.Equal(1, reached.Level);
                for (int level = 2; level < walk.Levels; level++)
                {
                    WalkResult stopped = Walk(way, good + (1ul << machine.Generated[level].Shift));
                    Assert.Equal(WalkOutcome.NotPresent, stopped.Outcome);
                    Assert.Equal(walk.Levels, stopped.Level);
                    count++;
                }
            }

            WalkResult Walk(WalkWay way, ulong address) => machine.Generated.Walk(
                way, tables.Memory, tables.AddressOf(0), walk.Levels, new(address), Access.None);
        }

        Assert.Equal(top.NextLevel != 0, count != 0);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_bit_beyond_the_width_is_answered_without_reading(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        TestTables tables = new TreeMaker(new Random(6)).Dense(machine, Pages);
        foreach (WalkShape walk in machine.Generated.Walks)
        {
            for (int bit = walk.InputBits; bit < 64; bit++)
            {
                foreach (WalkWay way in Enum.GetValues<WalkWay>())
                {
                    WalkResult result = machine.Generated.Walk(
                        way, tables.Memory, tables.AddressOf(0), walk.Levels, new(1ul << bit), Access.None);
                    Assert.Equal(WalkResult.TooWide, result);
                }
            }
        }

        Assert.Equal(0, tables.EntryReads);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_walk_into_memory_that_ends_early_stops_at_the_first_entry_beyond(string formatId)
    {
        var random = new Random(7);
        Machine machine = Machines.Richest(formatId);
        WalkShape walk = machine.Deepest;
        ulong address = machine.Canonical(walk, (ulong)random.NextInt64());
        ulong leaf = new EntryMaker(random).WellFormed(machine.Generated[1], EntryKind.Leaf, TreeMaker.Nowhere);
        TestTables whole = Chain(machine, walk, 1, address, leaf, random);
        ulong[] path = new ulong[walk.Levels];
        for (int i = 0; i < path.Length; i++)
        {
            int level = walk.Levels - i;
            path[i] = whole.AddressOf(i) + (ulong)machine.IndexOf(walk, address, level) * sizeof(ulong);
        }

        for (int cut = 0; cut < path.Length; cut++)
        {
            // One memory ends with the byte before the entry, one with the entry's last byte but one, one right behind it.
            foreach (ulong end in new[] { path[cut], path[cut] + 7, path[cut] + 8 })
            {
                var memory = new FunctionMemory(at => at + sizeof(ulong) <= end ? whole.Peek(at) : null);
                foreach (WalkWay way in Enum.GetValues<WalkWay>())
                {
                    WalkResult result = machine.Generated.Walk(
                        way, memory, whole.AddressOf(0), walk.Levels, new(address), Access.None);
                    int missing = end == path[cut] + 8 ? cut + 1 : cut;
                    if (missing == path.Length)
                    {
                        Assert.Equal(WalkOutcome.Mapped, result.Outcome);
                    }
                    else
                    {
                        Assert.Equal(WalkOutcome.NotInMemory, result.Outcome);
                        Assert.Equal(walk.Levels - missing, result.Level);
                        Assert.Equal(path[missing], result.EntryAddress.Value);
                        Assert.Equal(0ul, result.Entry);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_sorted_batch_reads_shared_tables_once(string formatId)
    {
        var random = new Random(8);
        Machine machine = Machines.Richest(formatId);
        WalkShape walk = machine.Deepest;
        ulong leaf = new EntryMaker(random).WellFormed(machine.Generated[1], EntryKind.Leaf, TreeMaker.Nowhere);
        TestTables tables = Chain(machine, walk, 1, 0, leaf, random);
        tables.Page(walk.Levels - 1).Fill(leaf);
        InputAddress[] addresses =
        [
            .. Enumerable.Range(0, machine.EntriesOf(walk, 1)).Select(i => new InputAddress((ulong)i << machine.Generated[1].Shift)),
        ];
        var results = new WalkResult[addresses.Length];
        machine.Generated.WalkAll(tables.Memory, tables.AddressOf(0), walk.Levels, addresses, Access.None, results);
        Assert.All(results, result => Assert.Equal(WalkOutcome.Mapped, result.Outcome));

        // The lowest table is had in place: once to have it fetched and once to be read.
        Assert.Equal(walk.Levels - 1, tables.EntryReads);
        Assert.Equal(2, tables.TableReads);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_run_of_neighbours_is_answered_as_the_interpreter_answers_each(string formatId)
    {
        var random = new Random(14);
        var findings = new Findings();
        int count = 0;
        foreach (Machine machine in Machines.Some(formatId, 6).Append(Machines.Richest(formatId)))
        {
            WalkShape walk = machine.Deepest;
            LevelRules rules = machine.Generated[1];
            TestTables tables = Chain(machine, walk, 1, 0, 0, random);
            FillMostlyAlike(tables.Page(walk.Levels - 1), machine, rules, random);
            if (walk.Levels > 1)
            {
                // The table stands twice in the one above, so that a run goes on in the next region.
                ulong next = tables.AddressOf(walk.Levels - 1) >> machine.Generated.AddressShift;
                tables[walk.Levels - 2, 1] = new EntryMaker(random).WellFormed(machine.Generated[2], EntryKind.Table, next);
            }

            var pieces = new FunctionMemory(tables.Peek);
            for (int i = 0; i < 40; i++)
            {
                InputAddress[] addresses = [.. Neighbours(machine, walk, rules, random)];
                Access access = (Access)random.Next(5);
                WalkResult[] expected =
                [
                    .. addresses.Select(address => machine.Interpreted.Walk(
                        tables.Peek, tables.AddressOf(0), walk.Levels, address, access, machine.Generated.RootRights)),
                ];
                foreach (bool sideBySide in new[] { false, true })
                {
                    var results = new WalkResult[addresses.Length];
                    machine.Generated.WalkAll(tables.Memory, tables.AddressOf(0), walk.Levels, addresses, access, results, sideBySide);
                    CompareAll("in place");
                    machine.Generated.WalkAll(pieces, tables.AddressOf(0), walk.Levels, addresses, access, results, sideBySide);
                    CompareAll("in pieces");

                    void CompareAll(string how)
                    {
                        for (int j = 0; j < results.Length; j++)
                        {
                            Compare(findings, $"{machine} {access} {how} {sideBySide} {addresses[j]}", expected[j], results[j]);
                            count++;
                        }
                    }
                }
            }
        }

        findings.AssertNone(count);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_batch_needs_room_for_its_results(string formatId)
    {
        Machine machine = Machines.Default(formatId);
        TestTables tables = new TreeMaker(new Random(9)).Dense(machine, Pages);
        InputAddress[] addresses = [new(0), new(0x1000)];
        var results = new WalkResult[3];
        Assert.Throws<ArgumentException>(() => machine.Generated.WalkAll(
            tables.Memory, tables.AddressOf(0), machine.Deepest.Levels, addresses, Access.None, results.AsSpan(0, 1)));
        Assert.Equal(0, tables.EntryReads);

        // More room than needed is left alone.
        results[2] = WalkResult.TooWide;
        machine.Generated.WalkAll(
            tables.Memory, tables.AddressOf(0), machine.Deepest.Levels, addresses, Access.None, results);
        Assert.Equal(WalkResult.TooWide, results[2]);
        machine.Generated.WalkAll(tables.Memory, tables.AddressOf(0), machine.Deepest.Levels, [], Access.None, []);
    }

    private static void CheckBatches(
        Findings findings,
        string where,
        Machine machine,
        TestTables tables,
        WalkShape walk,
        InputAddress[] addresses,
        Access access,
        WalkResult[] expected)
    {
        int[] given = [.. Enumerable.Range(0, addresses.Length)];
        int[] sorted = [.. given.OrderBy(i => addresses[i])];
        int[][] orders =
        [
            given,
            sorted,
            [.. sorted.Reverse()],
            [.. sorted.SelectMany(i => new[] { i, i })],

            // Runs that are longer than what a batch takes at a time.
            [.. given.Take(40).SelectMany(i => Enumerable.Repeat(i, i % 2 == 0 ? 150 : 1))],
        ];
        foreach (int[] order in orders)
        {
            InputAddress[] ordered = [.. order.Select(i => addresses[i])];
            foreach (bool? sideBySide in new bool?[] { null, false, true })
            {
                var results = new WalkResult[order.Length];
                machine.Generated.WalkAll(
                    tables.Memory, tables.AddressOf(walk.Levels - 1), walk.Levels, ordered, access, results, sideBySide);
                for (int i = 0; i < order.Length; i++)
                {
                    Compare(
                        findings, $"{where} batch of {order.Length} {sideBySide}, number {i} {ordered[i]}", expected[order[i]], results[i]);
                }
            }
        }
    }

    /// <summary>Leaves that look the same, as a table of a guest has them, but for some entries of any kind.</summary>
    private static void FillMostlyAlike(Span<ulong> table, Machine machine, LevelRules rules, Random random)
    {
        var maker = new EntryMaker(random);
        ulong leaf = maker.WellFormed(rules, EntryKind.Leaf, 0);
        for (int i = 0; i < table.Length; i++)
        {
            ulong page = (ulong)random.NextInt64() & machine.Within(rules.LeafAddress);
            table[i] = random.Next(32) == 0 ? maker.Make(rules, page) : leaf | page;
        }
    }

    /// <summary>Addresses of the first regions: pages in a row, from any to any, and now and then others.</summary>
    private static IEnumerable<InputAddress> Neighbours(Machine machine, WalkShape walk, LevelRules rules, Random random)
    {
        int entries = 3 * machine.EntriesOf(walk, 1);
        int page = random.Next(entries);
        for (int left = random.Next(1, 400); left > 0; left--)
        {
            page = random.Next(24) == 0 ? random.Next(entries) : (page + 1) % entries;
            yield return new(machine.Canonical(walk, ((ulong)page << rules.Shift) | ((ulong)random.NextInt64() & (rules.PageSize - 1))));
        }
    }

    private static void Compare(Findings findings, string where, in WalkResult expected, in WalkResult actual)
    {
        if (expected != actual)
        {
            findings.Add($"{where}: {actual}, not {expected}");
        }
    }

    /// <summary>One table for each level down to <paramref name="leafLevel"/>, with the one entry that leads on.</summary>
    private static TestTables Chain(
        Machine machine, WalkShape walk, int leafLevel, ulong address, ulong leaf, Random random)
    {
        int levels = walk.Levels;
        var maker = new EntryMaker(random);
        TestTables tables = machine.Tables(levels);
        for (int level = levels; level > leafLevel; level--)
        {
            int page = levels - level;
            ulong next = tables.AddressOf(page + 1) >> machine.Generated.AddressShift;
            tables[page, machine.IndexOf(walk, address, level)] =
                maker.WellFormed(machine.Generated[level], EntryKind.Table, next);
        }

        tables[levels - leafLevel, machine.IndexOf(walk, address, leafLevel)] = leaf;
        return tables;
    }

    /// <summary>Whether the rules of a machine leave room for an outcome.</summary>
    private static bool CanEndIn(Machine machine, WalkOutcome outcome) => outcome switch
    {
        WalkOutcome.ReservedBitSet => machine.HasReserved,
        WalkOutcome.IllegalEncoding => machine.Levels.Any(level => !machine.Generated[level].Illegal.IsEmpty),
        WalkOutcome.PermissionDenied => machine.HasRights,
        WalkOutcome.NotInMemory => machine.Deepest.Levels > 1,
        WalkOutcome.AddressTooWide => machine.Generated.Walks.Any(walk => walk.InputBits < 64),
        _ => true,
    };
}

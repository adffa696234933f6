using TdpHw.Formats.Tests.Generated;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Walks: emitted, generic and in batches against the interpreter, for every format there is.</summary>
public sealed class WalkConformanceTests
{
    private const int Pages = 15;

    public static TheoryData<string> FormatIds => Machines.FormatIds;

    public static TheoryData<string, int> FormatSeeds
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (FormatDescription format in FormatRegistry.Formats)
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
        foreach (Machine machine in machines)
        {
            TestTables tables = new TreeMaker(random).Dense(machine, Pages);
            foreach (WalkShape walk in machine.Generated.Walks)
            {
                InputAddress[] addresses = [.. Addresses(random, walk.InputBits, 250)];
                foreach (Access access in Enum.GetValues<Access>())
                {
                    var expected = new WalkResult[addresses.Length];
                    for (int i = 0; i < addresses.Length; i++)
                    {
                        expected[i] = machine.Interpreted.Walk(
                            tables.Peek, tables.AddressOf(walk.Levels - 1), walk.Levels, addresses[i], access);
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
        Assert.Equal(
            Enum.GetValues<WalkOutcome>().Where(outcome => machines.Any(machine => CanEndIn(machine, outcome))).Order(),
            seen.Order());
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
                    ulong page = rules.LeafAddress;
                    ulong leaf = new EntryMaker(random).WellFormed(rules, EntryKind.Leaf, page);
                    if (rules.KindOf(leaf) != EntryKind.Leaf)
                    {
                        continue;
                    }

                    ulong highest = ulong.MaxValue >> (64 - walk.InputBits);
                    foreach (ulong address in new[] { 0ul, rules.PageSize - 1, highest & ~(rules.PageSize - 1), highest })
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
        ulong address = (ulong)random.NextInt64() & (ulong.MaxValue >> (64 - walk.InputBits));
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
        Assert.Equal(walk.Levels - 1 + addresses.Length, tables.EntryReads);
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
            var results = new WalkResult[order.Length];
            InputAddress[] ordered = [.. order.Select(i => addresses[i])];
            machine.Generated.WalkAll(tables.Memory, tables.AddressOf(walk.Levels - 1), walk.Levels, ordered, access, results);
            for (int i = 0; i < order.Length; i++)
            {
                Compare(findings, $"{where} batch of {order.Length}, number {i} {ordered[i]}", expected[order[i]], results[i]);
            }
        }
    }

    private static void Compare(Findings findings, string where, in WalkResult expected, in WalkResult actual)
    {
        if (expected != actual)
        {
            findings.Add($"{where}: {actual}, not {expected}");
        }
    }

    /// <summary>Addresses all over, neighbours of them, the first, the last and some that are too wide.</summary>
    private static IEnumerable<InputAddress> Addresses(Random random, int inputBits, int count)
    {
        ulong highest = ulong.MaxValue >> (64 - inputBits);
        yield return new(0);
        yield return new(highest);
        yield return new(highest + 1);
        yield return new(ulong.MaxValue);
        ulong last = 0;
        for (int i = 0; i < count; i++)
        {
            // A neighbour shares all but the lowest bits with the address before.
            ulong changed = ulong.MaxValue >> (random.Next(2) == 0 ? 64 - inputBits : 64 - random.Next(1, inputBits));
            last = (last & ~changed) | ((ulong)random.NextInt64() & changed & highest);
            yield return new(last);
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

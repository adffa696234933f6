using System.Collections.Immutable;
using TdpHw.Formats.Tests.Generated;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Cursors, ranges and counters against a slow enumeration, for every format there is.</summary>
public sealed class ListingConformanceTests
{
    private const int Trees = 42;
    private const int Pages = 9;
    private static readonly ulong[] EmptyValues = [1ul << 63, 0x40_0000_0000_0000];

    public static TheoryData<string> FormatIds => Machines.FormatIds;

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_cursor_stops_at_what_the_slow_enumeration_finds(string formatId)
    {
        var kinds = new HashSet<(EntryKind, TableReach)>();
        foreach ((int seed, Machine machine, TestTables tables) in RandomTrees(formatId, isForest: false))
        {
            foreach (Wanted wanted in new[] { Wanted.Tables, Wanted.Leaves, Wanted.Specials, Wanted.All })
            {
                foreach (ulong[] emptyValues in new[] { [], EmptyValues })
                {
                    var slow = new SlowTree(machine, tables, tables.AddressOf(0), machine.Deepest.Levels, emptyValues);
                    IReadOnlyList<CursorEntry> expected = slow.Entries(wanted, skipsBarren: true);
                    List<CursorEntry> actual = machine.Generated.List(
                        tables.Memory, tables.AddressOf(0), machine.Deepest.Levels, wanted, Given(emptyValues));
                    AssertSame(expected, actual, $"seed {seed}, {machine}, {wanted}");
                    kinds.UnionWith(actual.Select(entry => (entry.Kind, entry.Reach)));
                }
            }
        }

        Assert.Superset(
            new HashSet<(EntryKind, TableReach)>
            {
                (EntryKind.Leaf, TableReach.NoTable),
                (EntryKind.NotPresent, TableReach.NoTable),
                (EntryKind.ReservedBitSet, TableReach.NoTable),
                (EntryKind.Table, TableReach.Readable),
                (EntryKind.Table, TableReach.NotInMemory),
                (EntryKind.Table, TableReach.Cycle),
            },
            kinds);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Passing_over_barren_tables_loses_nothing_that_is_wanted(string formatId)
    {
        int skipped = 0;
        foreach ((int seed, Machine machine, TestTables tables) in RandomTrees(formatId, isForest: false))
        {
            // A table of tables that hold nothing: the second way to it is the one that is passed over.
            tables.Page(Pages - 1).Clear();
            tables.Page(Pages - 2).Clear();
            tables.Page(Pages - 2)[..3].Fill(TableEntry(machine, 2, tables.AddressOf(Pages - 1)));
            foreach (Wanted wanted in new[] { Wanted.Leaves, Wanted.Specials, Wanted.All })
            {
                var slow = new SlowTree(machine, tables, tables.AddressOf(0), machine.Deepest.Levels, []);
                IReadOnlyList<CursorEntry> all = slow.Entries(wanted, skipsBarren: false);
                List<CursorEntry> actual = machine.Generated.List(
                    tables.Memory, tables.AddressOf(0), machine.Deepest.Levels, wanted);
                AssertSame(
                    [.. all.Where(entry => entry.Kind != EntryKind.Table)],
                    [.. actual.Where(entry => entry.Kind != EntryKind.Table)],
                    $"seed {seed}, {machine}, {wanted}");
                skipped += all.Count - actual.Count;
            }
        }

        Assert.NotEqual(0, skipped);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Ranges_are_the_leaves_merged(string formatId)
    {
        int merged = 0;
        foreach ((int seed, Machine machine, TestTables tables) in RandomTrees(formatId, isForest: false))
        {
            // Runs of leaves, which a random tree hardly has.
            ulong leaf = new EntryMaker(new Random(seed)).WellFormed(machine.Generated[1], EntryKind.Leaf, 0);
            for (int i = 0; i < 24; i++)
            {
                ulong frame = (ulong)(i % 8 == 7 ? 0 : i) << 12;
                ulong alike = i < 12 ? leaf : OfOtherMemoryType(machine.Generated[1], leaf);
                tables[Pages - 1, 100 + i] = alike | (frame >> machine.Generated.AddressShift);
            }

            var slow = new SlowTree(machine, tables, tables.AddressOf(0), machine.Deepest.Levels, EmptyValues);
            IReadOnlyList<CursorEntry> entries = slow.Entries(Wanted.Leaves, skipsBarren: true);
            RangeListing actual = machine.Generated.Ranges(
                tables.Memory, tables.AddressOf(0), machine.Deepest.Levels, emptyValues: Given(EmptyValues));
            List<MappedRange> expected = Merge(machine, entries);
            Assert.True(expected.SequenceEqual(actual.Ranges), $"seed {seed}, {machine}");
            Assert.Equal(entries.Count(entry => entry.Kind == EntryKind.Leaf), actual.Leaves);
            Assert.Equal(entries.Count(entry => entry.Reach == TableReach.NotInMemory), actual.NotInMemory);
            Assert.Equal(entries.Count(entry => entry.Reach == TableReach.Cycle), actual.Cycles);
            Assert.False(actual.IsCut);
            merged += expected.Count(range => range.Leaves > 1);
        }

        Assert.NotEqual(0, merged);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Counts_are_those_of_the_slow_enumeration(string formatId)
    {
        var total = default(LevelCounts);
        foreach ((int seed, Machine machine, TestTables tables) in RandomTrees(formatId, isForest: true))
        {
            var slow = new SlowTree(machine, tables, tables.AddressOf(0), machine.Deepest.Levels, EmptyValues);
            IReadOnlyList<CursorEntry> entries = slow.Entries(Wanted.All, skipsBarren: false);
            TreeCounts actual = machine.Generated.Count(
                tables.Memory, tables.AddressOf(0), machine.Deepest.Levels, Given(EmptyValues));
            for (int level = 1; level <= machine.Deepest.Levels; level++)
            {
                LevelCounts expected = CountsOf(machine, entries.Where(entry => entry.Level == level));
                Assert.True(
                    expected == actual.Levels[level - 1],
                    $"seed {seed}, {machine} level {level}: {actual.Levels[level - 1]}, not {expected}");
                total += expected;
            }

            Assert.Equal((ulong)entries.Count(entry => entry.Reach == TableReach.NotInMemory), actual.NotInMemory);
            Assert.Equal((ulong)entries.Count(entry => entry.Reach == TableReach.Cycle), actual.Cycles);
            Assert.Equal(slow.TablesRead.Count, actual.TablePages);
        }

        Assert.All(
            new[] { total.Tables, total.Leaves, total.Malformed, total.NotPresent, total.Accessed, total.Dirty },
            count => Assert.NotEqual(0ul, count));
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_root_that_is_not_in_memory_has_nothing_below(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        var tables = new TestTables(0x10_0000, 1);
        int levels = machine.Deepest.Levels;
        Assert.Empty(machine.Generated.List(tables.Memory, TreeMaker.Nowhere, levels, Wanted.All));
        RangeListing ranges = machine.Generated.Ranges(tables.Memory, TreeMaker.Nowhere, levels);
        Assert.False(ranges.IsRootInMemory);
        Assert.Empty(ranges.Ranges);
        TreeCounts counts = machine.Generated.Count(tables.Memory, TreeMaker.Nowhere, levels);
        Assert.Equal(1ul, counts.NotInMemory);
        Assert.Equal(0, counts.TablePages);
        Assert.True(machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels).IsRootInMemory);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_page_whose_every_entry_points_back_to_it_is_512_cycles(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        var tables = new TestTables(0x10_0000, 1);
        int levels = machine.Deepest.Levels;
        tables.Page(0).Fill(TableEntry(machine, levels, tables.AddressOf(0)));

        List<CursorEntry> entries = machine.Generated.List(tables.Memory, tables.AddressOf(0), levels, Wanted.All);
        Assert.Equal(512, entries.Count);
        Assert.All(entries, entry => Assert.Equal(TableReach.Cycle, entry.Reach));
        RangeListing ranges = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels);
        Assert.Empty(ranges.Ranges);
        Assert.Equal(512, ranges.Cycles);
        TreeCounts counts = machine.Generated.Count(tables.Memory, tables.AddressOf(0), levels);
        Assert.Equal(512ul, counts.Cycles);
        Assert.Equal(512ul, counts.Levels[levels - 1].Tables);
        Assert.Equal(1, counts.TablePages);
        Assert.InRange(tables.TableReads, 1, 512);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Tables_that_all_entries_share_and_that_hold_nothing_are_read_once(string formatId)
    {
        // Without memory of barren tables this is 512 to the power of the levels.
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        TestTables tables = Funnel(machine, levels);

        List<CursorEntry> entries = machine.Generated.List(tables.Memory, tables.AddressOf(0), levels, Wanted.All);
        Assert.Equal(512 * (levels - 1), entries.Count);

        // A read for each entry shown, for the root, and for each table that the cursor comes back to.
        Assert.InRange(tables.TableReads, 1, (512 * (levels - 1)) + levels);
        TreeCounts counts = machine.Generated.Count(tables.Memory, tables.AddressOf(0), levels);
        Assert.Equal(levels, counts.TablePages);
        Assert.Equal(Power(512, levels - 1), counts.Levels[1].Tables);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Counting_shared_tables_reads_each_once_for_its_level(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        TestTables tables = Funnel(machine, levels);
        ulong leaf = new EntryMaker(new Random(4)).WellFormed(machine.Generated[1], EntryKind.Leaf, 0);
        tables.Page(levels - 1).Fill(leaf);
        TreeCounts counts = machine.Generated.Count(tables.Memory, tables.AddressOf(0), levels);
        Assert.Equal(levels, tables.TableReads);
        Assert.Equal(Power(512, levels), counts.Levels[0].Leaves);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Ranges_are_cut_after_so_many_leaves(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        TestTables tables = Funnel(machine, levels);
        ulong leaf = new EntryMaker(new Random(5)).WellFormed(machine.Generated[1], EntryKind.Leaf, 0);
        tables.Page(levels - 1)[..10].Fill(leaf);

        RangeListing cut = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels, maxLeaves: 1234);
        Assert.True(cut.IsCut);
        Assert.Equal(1234, cut.Leaves);
        Assert.Equal(1234, cut.Ranges.Sum(range => range.Leaves));
        Assert.True(machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels, maxLeaves: 0).IsCut);

        // As many as there are is not too many.
        for (int page = 0; page + 1 < levels; page++)
        {
            tables.Page(page)[1..].Clear();
        }

        RangeListing whole = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels, maxLeaves: 10);
        Assert.False(whole.IsCut);
        Assert.Equal(10, whole.Leaves);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Ranges_are_cut_after_so_many_dead_ends(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        foreach (bool isCycle in new[] { false, true })
        {
            TestTables tables = Funnel(machine, levels);
            ulong next = isCycle ? tables.AddressOf(0) : TreeMaker.Nowhere;
            tables.Page(levels - 2).Fill(TableEntry(machine, 2, next));
            RangeListing cut = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels, maxLeaves: 1234);
            Assert.True(cut.IsCut);
            Assert.Equal(isCycle ? 1234 : 0, cut.Cycles);
            Assert.Equal(isCycle ? 0 : 1234, cut.NotInMemory);
            Assert.InRange(tables.TableReads, 1, 1300);
        }
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_table_that_is_lost_under_a_cursor_ends_that_table_only(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        ulong leaf = new EntryMaker(new Random(6)).WellFormed(machine.Generated[1], EntryKind.Leaf, 0);
        var tables = new TestTables(0x10_0000, levels + 1);
        for (int page = 0; page + 1 < levels; page++)
        {
            tables[page, 3] = TableEntry(machine, levels - page, tables.AddressOf(page + 1));
        }

        // Two lowest tables below a table that goes when the first of them is done.
        tables[levels - 2, 4] = TableEntry(machine, 2, tables.AddressOf(levels));
        tables[levels - 1, 5] = leaf;
        tables[levels, 5] = leaf;
        Assert.Equal(2, machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels).Leaves);
        tables.Loss = (levels - 2, tables.TableReads + levels + 1);
        RangeListing ranges = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels);
        Assert.Equal(1, ranges.Leaves);
        Assert.Equal(1, ranges.NotInMemory);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_count_can_be_ended_early(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        TestTables tables = Funnel(machine, machine.Deepest.Levels);
        Assert.Throws<OperationCanceledException>(() => machine.Generated.Count(
            tables.Memory, tables.AddressOf(0), machine.Deepest.Levels, cancellation: new CancellationToken(true)));
    }

    private static IEnumerable<(int Seed, Machine Machine, TestTables Tables)> RandomTrees(string formatId, bool isForest)
    {
        Machine[] machines = [Machines.Richest(formatId), .. Machines.Some(formatId, 5)];
        for (int seed = 0; seed < Trees; seed++)
        {
            Machine machine = machines[seed % machines.Length];
            yield return (seed, machine, new TreeMaker(new Random(seed)).Sparse(machine, Pages, 12, EmptyValues, isForest));
        }
    }

    /// <summary>All entries of each table point to the one table below; the last is empty.</summary>
    private static TestTables Funnel(Machine machine, int levels)
    {
        var tables = new TestTables(0x10_0000, levels);
        for (int page = 0; page + 1 < levels; page++)
        {
            tables.Page(page).Fill(TableEntry(machine, levels - page, tables.AddressOf(page + 1)));
        }

        return tables;
    }

    private static ulong TableEntry(Machine machine, int level, ulong table) => new EntryMaker(new Random(level)).WellFormed(
        machine.Generated[level], EntryKind.Table, table >> machine.Generated.AddressShift);

    /// <summary>The leaf with another memory type, all else alike; the leaf itself where it has none.</summary>
    private static ulong OfOtherMemoryType(LevelRules rules, ulong leaf)
    {
        for (ulong rest = rules.LeafMemoryType; rest != 0; rest &= rest - 1)
        {
            ulong other = leaf ^ (rest & (~rest + 1));
            if (rules.KindOf(other) == EntryKind.Leaf)
            {
                return other;
            }
        }

        return leaf;
    }

    private static ImmutableArray<ulong> Given(ulong[] emptyValues) => emptyValues.Length == 0 ? default : [.. emptyValues];

    private static ulong Power(ulong number, int exponent) =>
        Enumerable.Repeat(number, exponent).Aggregate(1ul, (product, factor) => product * factor);

    private static List<MappedRange> Merge(Machine machine, IEnumerable<CursorEntry> entries)
    {
        var ranges = new List<MappedRange>();
        foreach (CursorEntry leaf in entries.Where(entry => entry.Kind == EntryKind.Leaf))
        {
            int type = machine.Interpreted.Decode(leaf.Level, leaf.Entry).MemoryType ?? -1;
            MappedRange? last = ranges.Count == 0 ? null : ranges[^1];
            if (last is { } range
                && range.Address.Value + range.Size == leaf.Address.Value
                && range.Output.Value + range.Size == leaf.Output.Value
                && range.Rights == leaf.Rights
                && range.MemoryType == type)
            {
                ranges[^1] = range with { Size = range.Size + leaf.Size, Leaves = range.Leaves + 1 };
            }
            else
            {
                ranges.Add(new(leaf.Address, leaf.Output, leaf.Size, leaf.Rights, type, 1));
            }
        }

        return ranges;
    }

    private static LevelCounts CountsOf(Machine machine, IEnumerable<CursorEntry> entries)
    {
        var counts = default(LevelCounts);
        foreach (CursorEntry entry in entries)
        {
            Interpreter.EntryReading reading = machine.Interpreted.Decode(entry.Level, entry.Entry);
            counts += entry.Kind switch
            {
                EntryKind.Table => new(1, 0, 0, 0, 0, 0),
                EntryKind.Leaf => new(0, 1, 0, 0, reading.Accessed == true ? 1u : 0, reading.Dirty == true ? 1u : 0),
                EntryKind.NotPresent => new(0, 0, 0, 1, 0, 0),
                _ => new(0, 0, 1, 0, 0, 0),
            };
        }

        return counts;
    }

    private static void AssertSame(IReadOnlyList<CursorEntry> expected, List<CursorEntry> actual, string where)
    {
        int same = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        if (same < expected.Count || same < actual.Count)
        {
            Assert.Fail($"{where}: stop {same} is {At(actual, same)}, not {At(expected, same)}");
        }
    }

    private static string At(IReadOnlyList<CursorEntry> entries, int index) =>
        index < entries.Count ? entries[index].ToString() : "missing";
}

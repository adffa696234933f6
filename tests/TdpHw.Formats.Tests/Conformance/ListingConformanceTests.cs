using System.Collections.Immutable;
using TdpHw.Formats.Tests.Generated;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Cursors, ranges and counters against a slow enumeration, for every format there is.</summary>
public sealed class ListingConformanceTests
{
    private const int Trees = 42;
    private const int Pages = 9;

    public static TheoryData<string> FormatIds => Machines.FormatIds;

    public static TheoryData<string> FormatIdsWithTables => Machines.FormatIdsWithTables;

    public static TheoryData<string> FormatIdsOfThreeLevels => Machines.FormatIdsOfThreeLevels;

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_cursor_stops_at_what_the_slow_enumeration_finds(string formatId)
    {
        var kinds = new HashSet<(EntryKind, TableReach)>();
        bool hasTables = false, hasMalformed = false;
        foreach ((int seed, Machine machine, TestTables tables) in RandomTrees(formatId, isForest: false))
        {
            hasTables |= machine.Deepest.Levels > 1;
            hasMalformed |= machine.HasReserved;
            foreach (Wanted wanted in new[] { Wanted.Tables, Wanted.Leaves, Wanted.Specials, Wanted.All })
            {
                foreach (ulong[] emptyValues in new[] { [], EmptyValues(machine) })
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

        var expectedKinds = new HashSet<(EntryKind, TableReach)>
        {
            (EntryKind.Leaf, TableReach.NoTable),
            (EntryKind.NotPresent, TableReach.NoTable),
        };
        if (hasMalformed)
        {
            expectedKinds.Add((EntryKind.ReservedBitSet, TableReach.NoTable));
        }

        if (hasTables)
        {
            expectedKinds.Add((EntryKind.Table, TableReach.Readable));
            expectedKinds.Add((EntryKind.Table, TableReach.NotInMemory));
            expectedKinds.Add((EntryKind.Table, TableReach.Cycle));
        }

        Assert.Superset(expectedKinds, kinds);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Passing_over_barren_tables_loses_nothing_that_is_wanted(string formatId)
    {
        int skipped = 0;
        bool canSkip = false;
        foreach ((int seed, Machine machine, TestTables tables) in RandomTrees(formatId, isForest: false))
        {
            // A table of tables that hold nothing: the second way to it is the one that is passed over. In two levels no
            // table holds tables but the root, to which there is one way.
            int levels = machine.Deepest.Levels;
            tables.Page(Pages - 1).Clear();
            if (levels > 2)
            {
                canSkip = true;
                tables.Page(Pages - 2).Clear();
                tables.Page(Pages - 2)[..3].Fill(TableEntry(machine, 2, tables.AddressOf(Pages - 1)));
                Link(machine, tables, 2, Pages - 2);
            }

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

        Assert.Equal(canSkip, skipped != 0);
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
            int page = machine.Deepest.Levels == 1 ? 0 : Pages - 1;
            int run = Math.Min(24, machine.EntriesOf(machine.Deepest, 1));
            int first = (machine.EntriesOf(machine.Deepest, 1) - run) / 2;
            for (int i = 0; i < run; i++)
            {
                ulong frame = (ulong)(i % 8 == 7 ? 0 : i) << machine.Generated[1].Shift;
                ulong alike = i < run / 2 ? leaf : OfOtherMemoryType(machine.Generated[1], leaf);
                tables[page, first + i] = alike | (frame >> machine.Generated.AddressShift);
            }

            Link(machine, tables, 1, page);

            var slow = new SlowTree(machine, tables, tables.AddressOf(0), machine.Deepest.Levels, EmptyValues(machine));
            IReadOnlyList<CursorEntry> entries = slow.Entries(Wanted.Leaves, skipsBarren: true);
            RangeListing actual = machine.Generated.Ranges(
                tables.Memory, tables.AddressOf(0), machine.Deepest.Levels, emptyValues: Given(EmptyValues(machine)));
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
    [MemberData(nameof(FormatIdsWithTables))]
    public void Ranges_go_on_from_table_to_table_and_from_page_to_large_page(string formatId)
    {
        const int LowestTables = 4;
        const int Neighbours = 24;
        const int Seeds = 12;
        int acrossTables = 0, deadEnds = 0;
        Machine[] machines = [Machines.Richest(formatId), .. Machines.Some(formatId, 3)];
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            Machine machine = machines[seed % machines.Length];
            int levels = machine.Deepest.Levels;
            if (levels < 2)
            {
                continue;
            }

            TestTables tables = machine.Tables(levels + LowestTables);
            LinkFirst(machine, tables, levels - 2);

            var maker = new EntryMaker(random);
            ulong leaf = maker.WellFormed(machine.Generated[1], EntryKind.Leaf, 0);
            ulong[] largeLeaves = machine.Generated[2].Leaf.Any(rule => rule.Supported)
                ? [maker.WellFormed(machine.Generated[2], EntryKind.Leaf, 0)]
                : [];
            int perTable = machine.EntriesOf(machine.Deepest, 1);
            for (int table = 0; table < LowestTables; table++)
            {
                FillWithRuns(machine, 1, leaf, tables.Page(levels - 1 + table)[..perTable], table * perTable, random);
            }

            // The last page holds nothing.
            ulong[] ends = [tables.AddressOf(0), TreeMaker.Nowhere, tables.AddressOf(levels - 1 + LowestTables)];
            Span<ulong> parent = tables.Page(levels - 2)[..Math.Min(Neighbours, machine.EntriesOf(machine.Deepest, 2))];
            foreach (ulong large in largeLeaves)
            {
                FillWithRuns(machine, 2, large, parent, 0, random);
            }

            for (int i = 0; i < parent.Length; i++)
            {
                parent[i] = random.Next(8) switch
                {
                    0 => 0,
                    1 => TableEntry(machine, 2, ends[random.Next(ends.Length)]),
                    2 or 3 => parent[i],
                    _ => TableEntry(machine, 2, tables.AddressOf(levels - 1 + (i % LowestTables))),
                };
            }

            var slow = new SlowTree(machine, tables, tables.AddressOf(0), levels, []);
            IReadOnlyList<CursorEntry> entries = slow.Entries(Wanted.Leaves, skipsBarren: true);
            RangeListing actual = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels);
            List<MappedRange> expected = Merge(machine, entries);
            Assert.True(expected.SequenceEqual(actual.Ranges), $"seed {seed}, {machine}");
            Assert.Equal(entries.Count(entry => entry.Kind == EntryKind.Leaf), actual.Leaves);
            Assert.Equal(entries.Count(entry => entry.Reach == TableReach.NotInMemory), actual.NotInMemory);
            Assert.Equal(entries.Count(entry => entry.Reach == TableReach.Cycle), actual.Cycles);
            acrossTables += expected.Count(range => range.Leaves > perTable);
            deadEnds += entries.Count(entry => entry.Reach is TableReach.NotInMemory or TableReach.Cycle);

            // Cut anywhere, it has found what came first.
            long limit = random.NextInt64(actual.Leaves);
            RangeListing cut = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels, maxLeaves: limit);
            if (cut.NotInMemory + cut.Cycles < limit)
            {
                Assert.Equal(
                    Merge(machine, entries.Where(entry => entry.Kind == EntryKind.Leaf).Take((int)limit)), cut.Ranges);
            }
        }

        Assert.NotEqual(0, acrossTables);
        Assert.NotEqual(0, deadEnds);
    }

    [Theory]
    [MemberData(nameof(FormatIdsWithTables))]
    public void Ranges_pass_over_an_entry_of_nothing_that_looks_like_the_table_before(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        TestTables tables = machine.Tables(levels + 2);
        LinkFirst(machine, tables, levels - 2);

        ulong leaf = new EntryMaker(new Random(9)).WellFormed(machine.Generated[1], EntryKind.Leaf, 0);
        for (int table = 0; table < 3; table++)
        {
            tables[levels - 1 + table, 0] = leaf;
            tables[levels - 2, table] = TableEntry(machine, 2, tables.AddressOf(levels - 1 + table));
        }

        RangeListing listing = machine.Generated.Ranges(
            tables.Memory, tables.AddressOf(0), levels, emptyValues: [tables[levels - 2, 1]]);
        ulong apart = 1ul << machine.Generated[2].Shift;
        Assert.Equal([0ul, 2 * apart], listing.Ranges.Select(range => range.Address.Value));
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Counts_are_those_of_the_slow_enumeration(string formatId)
    {
        var total = default(LevelCounts);
        bool hasTables = false, hasMalformed = false, hasAccessed = false, hasDirty = false;
        foreach ((int seed, Machine machine, TestTables tables) in RandomTrees(formatId, isForest: true))
        {
            var slow = new SlowTree(machine, tables, tables.AddressOf(0), machine.Deepest.Levels, EmptyValues(machine));
            IReadOnlyList<CursorEntry> entries = slow.Entries(Wanted.All, skipsBarren: false, joinsSlots: false);
            TreeCounts actual = machine.Generated.Count(
                tables.Memory, tables.AddressOf(0), machine.Deepest.Levels, Given(EmptyValues(machine)));
            for (int level = 1; level <= machine.Deepest.Levels; level++)
            {
                LevelCounts expected = CountsOf(machine, entries.Where(entry => entry.Level == level));
                LevelRules rules = machine.Generated[level];
                hasAccessed |= rules.LeafAccessed != 0;
                hasDirty |= rules.LeafDirty != 0;
                Assert.True(
                    expected == actual.Levels[level - 1],
                    $"seed {seed}, {machine} level {level}: {actual.Levels[level - 1]}, not {expected}");
                total += expected;
            }

            Assert.Equal((ulong)entries.Count(entry => entry.Reach == TableReach.NotInMemory), actual.NotInMemory);
            Assert.Equal((ulong)entries.Count(entry => entry.Reach == TableReach.Cycle), actual.Cycles);
            Assert.Equal(slow.TablesRead.Count, actual.TablePages);
            hasTables |= machine.Deepest.Levels > 1;
            hasMalformed |= machine.HasMalformed;
        }

        // What no rule of the format speaks of is counted nowhere, all else somewhere.
        Assert.Equal(
            [hasTables, true, hasMalformed, true, hasAccessed, hasDirty],
            new[] { total.Tables, total.Leaves, total.Malformed, total.NotPresent, total.Accessed, total.Dirty }
                .Select(count => count != 0));
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_root_that_is_not_in_memory_has_nothing_below(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        TestTables tables = machine.Tables(1);
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
    [MemberData(nameof(FormatIdsWithTables))]
    public void A_page_whose_every_entry_points_back_to_it_is_as_many_cycles(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        TestTables tables = machine.Tables(1);
        int levels = machine.Deepest.Levels;
        tables.Page(0).Fill(TableEntry(machine, levels, tables.AddressOf(0)));

        List<CursorEntry> entries = machine.Generated.List(tables.Memory, tables.AddressOf(0), levels, Wanted.All);
        int count = machine.RootEntries;
        Assert.Equal(count, entries.Count);
        Assert.All(entries, entry => Assert.Equal(TableReach.Cycle, entry.Reach));
        RangeListing ranges = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels);
        Assert.Empty(ranges.Ranges);
        Assert.Equal(count, ranges.Cycles);
        TreeCounts counts = machine.Generated.Count(tables.Memory, tables.AddressOf(0), levels);
        Assert.Equal((ulong)count, counts.Cycles);
        Assert.Equal((ulong)count, counts.Levels[levels - 1].Tables);
        Assert.Equal(1, counts.TablePages);
        Assert.InRange(tables.TableReads, 1, Math.Max(512, count));
    }

    [Theory]
    [MemberData(nameof(FormatIdsWithTables))]
    public void Tables_that_all_entries_share_and_that_hold_nothing_are_read_once(string formatId)
    {
        // Without memory of barren tables this is as many as the addresses that the levels cover.
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        TestTables tables = Funnel(machine, levels);

        List<CursorEntry> entries = machine.Generated.List(tables.Memory, tables.AddressOf(0), levels, Wanted.All);
        int shown = machine.RootEntries + (machine.TableEntries * (levels - 2));
        Assert.Equal(shown, entries.Count);

        // A read for each entry shown, for the root, and for each table that the cursor comes back to.
        Assert.InRange(tables.TableReads, 1, shown + levels);
        TreeCounts counts = machine.Generated.Count(tables.Memory, tables.AddressOf(0), levels);
        Assert.Equal(levels, counts.TablePages);
        Assert.Equal(machine.WaysTo(2), counts.Levels[1].Tables);
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
        Assert.Equal(machine.WaysTo(1), counts.Levels[0].Leaves);
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

        // Ten in each lowest table, of which small formats have few.
        ulong all = levels == 1 ? 10 : 10 * machine.WaysTo(2);
        long limit = (long)Math.Min(1234, all - 1);
        RangeListing cut = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels, maxLeaves: limit);
        Assert.True(cut.IsCut);
        Assert.Equal(limit, cut.Leaves);
        Assert.Equal(limit, cut.Ranges.Sum(range => range.Leaves));
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
    [MemberData(nameof(FormatIdsWithTables))]
    public void Ranges_are_cut_after_so_many_dead_ends(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        foreach (bool isCycle in new[] { false, true })
        {
            TestTables tables = Funnel(machine, levels);
            ulong next = isCycle ? tables.AddressOf(0) : TreeMaker.Nowhere;
            tables.Page(levels - 2).Fill(TableEntry(machine, 2, next));
            long limit = (long)Math.Min(1234, machine.WaysTo(2) - 1);
            RangeListing cut = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels, maxLeaves: limit);
            Assert.True(cut.IsCut);
            Assert.Equal(isCycle ? limit : 0, cut.Cycles);
            Assert.Equal(isCycle ? 0 : limit, cut.NotInMemory);

            // A read for each dead end, and a few for each of the tables that hold them.
            Assert.InRange(tables.TableReads, 1, limit + (2 * levels * ((limit / machine.TableEntries) + 1)));
        }
    }

    [Theory]
    [MemberData(nameof(FormatIdsOfThreeLevels))]
    public void A_table_that_is_lost_under_a_cursor_ends_that_table_only(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        ulong leaf = new EntryMaker(new Random(6)).WellFormed(machine.Generated[1], EntryKind.Leaf, 0);
        TestTables tables = machine.Tables(levels + 2);
        LinkFirst(machine, tables, levels - 1);

        // Two ways down below a table that goes when the first of them is done.
        tables[levels - 3, 1] = TableEntry(machine, 3, tables.AddressOf(levels));
        tables[levels, 0] = TableEntry(machine, 2, tables.AddressOf(levels + 1));
        tables[levels - 1, 5] = leaf;
        tables[levels + 1, 5] = leaf;
        Assert.Equal(2, machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels).Leaves);
        tables.Loss = (levels - 3, tables.TableReads + levels + 1);
        RangeListing ranges = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels);
        Assert.Equal(1, ranges.Leaves);
        Assert.Equal(1, ranges.NotInMemory);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Cursors_over_parts_of_the_addresses_find_what_one_over_all_finds(string formatId)
    {
        int parts = 0;
        foreach ((int seed, Machine machine, TestTables tables) in RandomTrees(formatId, isForest: false))
        {
            var root = tables.AddressOf(0);
            int levels = machine.Deepest.Levels;
            CursorEntry[] leaves = [.. machine.Generated.List(tables.Memory, root, levels, Wanted.Leaves).Where(e => e.Kind == EntryKind.Leaf)];
            if (leaves.Length < 2)
            {
                continue;
            }

            // Between two leaves, and at a leaf.
            ulong middle = leaves[leaves.Length / 2].Address.Value;
            foreach (ulong first in new[] { middle, middle - 1 })
            {
                RangeListing lower = machine.Generated.Ranges(tables.Memory, root, levels, last: new InputAddress(first - 1));
                RangeListing upper = machine.Generated.Ranges(tables.Memory, root, levels, first: new InputAddress(first));
                CursorEntry[] below = [.. leaves.Where(e => e.Address.Value < first)];
                CursorEntry[] above = [.. leaves.Where(e => e.Address.Value >= first)];
                Assert.True(Merge(machine, below).SequenceEqual(lower.Ranges), $"seed {seed}, {machine}, below {first:x}");
                Assert.True(Merge(machine, above).SequenceEqual(upper.Ranges), $"seed {seed}, {machine}, from {first:x}");
                parts += below.Length != 0 && above.Length != 0 ? 1 : 0;
            }
        }

        Assert.NotEqual(0, parts);
    }

    [Theory]
    [MemberData(nameof(FormatIdsWithTables))]
    public void A_part_that_starts_within_a_page_passes_over_it(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        TestTables tables = machine.Tables(levels);
        LinkFirst(machine, tables, levels - 1);

        tables.Page(levels - 1)[..machine.TableEntries].Fill(new EntryMaker(new Random(3)).WellFormed(machine.Generated[1], EntryKind.Leaf, 0));
        int leaves = 0;
        for (ulong page = 0; page < (ulong)machine.TableEntries; page += 5)
        {
            var first = new InputAddress((page << machine.Generated[1].Shift) + 1);
            RangeListing listing = machine.Generated.Ranges(tables.Memory, tables.AddressOf(0), levels, first: first);
            Assert.Equal(machine.TableEntries - (long)page - 1, listing.Ranges.Sum(range => range.Leaves));
            Assert.All(listing.Ranges, range => Assert.True(range.Address.Value >= first.Value));
            leaves += listing.Ranges.Count;
        }

        Assert.NotEqual(0, leaves);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_scan_shows_every_table_and_judges_it_as_a_single_scan_does(string formatId)
    {
        int shown = 0;
        foreach ((int seed, Machine machine, TestTables tables) in RandomTrees(formatId, isForest: false))
        {
            int levels = machine.Deepest.Levels;
            CursorEntry[] tablesFound =
            [
                .. new SlowTree(machine, tables, tables.AddressOf(0), levels, []).Entries(Wanted.All, skipsBarren: false)
                    .Where(e => e.Kind == EntryKind.Table),
            ];
            List<ScannedTable> scanned = machine.Generated.Scan(tables.Memory, tables.AddressOf(0), levels, out long notInMemory, out long cycles);
            Assert.Equal(tablesFound.Count(e => e.Reach == TableReach.NotInMemory), notInMemory);
            Assert.Equal(tablesFound.Count(e => e.Reach == TableReach.Cycle), cycles);
            Assert.Equal(
                tablesFound.Where(e => e.Reach == TableReach.Readable).Select(e => (e.Output.Value, e.Address.Value)).Order(),
                scanned.Where(t => t.FirstEntry == 0).Skip(1).Select(t => (t.Table, t.Address)).Order());
            AssertJudged(machine, scanned);
            shown += scanned.Count;
        }

        Assert.NotEqual(0, shown);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_sweep_shows_each_table_once_for_each_level_in_the_order_of_memory(string formatId)
    {
        bool hasTables = false, hasShared = false;
        foreach ((int seed, Machine machine, TestTables tables) in RandomTrees(formatId, isForest: false))
        {
            int levels = machine.Deepest.Levels;
            hasTables |= levels > 1;
            var met = new HashSet<(int Level, ulong Table)> { (levels, tables.AddressOf(0)) };
            var shown = new List<(int Level, ulong Table)>();
            int missing = 0, pointers = 0;
            for (int level = levels; level > 0; level--)
            {
                LevelRules rules = machine.Generated[level];
                foreach ((_, ulong table) in met.Where(t => t.Level == level).OrderBy(t => t.Table).ToArray())
                {
                    ulong?[] entries =
                    [
                        .. Enumerable.Range(0, machine.EntriesOf(machine.Deepest, level))
                            .Select(i => tables.Peek(table + ((ulong)i * sizeof(ulong)))),
                    ];
                    if (entries.Contains(null))
                    {
                        missing++;
                        continue;
                    }

                    shown.Add((level, table));
                    ulong[] down = [.. entries.Select(e => e!.Value).Where(e => rules.KindOf(e) == EntryKind.Table)];
                    pointers += down.Length;
                    met.UnionWith(down.Select(e => (rules.NextLevelOf(e), rules.TableOf(e))).Where(t => t.Item1 >= 1 && t.Item1 < level));
                }
            }

            List<ScannedTable> swept = machine.Generated.Sweep(tables.Memory, tables.AddressOf(0), levels, out long notInMemory);
            Assert.Equal((seed, missing), (seed, (int)notInMemory));
            Assert.Equal(shown, swept.Where(t => t.FirstEntry == 0).Select(t => (t.Level, t.Table)));
            AssertJudged(machine, swept);
            hasShared |= pointers > met.Count;
        }

        Assert.Equal(hasTables, hasShared);
    }

    private static void AssertJudged(Machine machine, List<ScannedTable> tables)
    {
        foreach (ScannedTable table in tables)
        {
            TableScan.Classify(machine.Generated[table.Level], table.Entries, out TableBitmaps expected);
            for (int word = 0; word < EntryBitmap.WordCount; word++)
            {
                Assert.Equal(expected.Present[word], table.Bitmaps.Present[word]);
                Assert.Equal(expected.Leaf[word], table.Bitmaps.Leaf[word]);
                Assert.Equal(expected.Violation[word], table.Bitmaps.Violation[word]);
            }
        }
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
            machine.Generated.RootRights = RootRights.Of(seed / machines.Length);
            yield return (
                seed, machine, new TreeMaker(new Random(seed)).Sparse(machine, Pages, 12, EmptyValues(machine), isForest));
        }
    }

    /// <summary>Two values that a software might give to entries of nothing; no level takes them for present.</summary>
    private static ulong[] EmptyValues(Machine machine) =>
    [
        .. Enumerable.Range(0, 64)
            .Select(bit => 1ul << bit)
            .Where(value => machine.Levels.All(level => !machine.Generated[level].IsPresent(value)))
            .TakeLast(2),
    ];

    /// <summary>Leads from the root by the first entry of each page to the next one, down to a page.</summary>
    private static void LinkFirst(Machine machine, TestTables tables, int lowestPage)
    {
        for (int page = 0; page < lowestPage; page++)
        {
            tables[page, 0] = TableEntry(machine, machine.Deepest.Levels - page, tables.AddressOf(page + 1));
        }
    }

    /// <summary>Leads two ways from the root to a page that is read as a table of a level.</summary>
    private static void Link(Machine machine, TestTables tables, int level, int page)
    {
        int levels = machine.Deepest.Levels;
        for (int above = levels; above > level; above--)
        {
            int next = above - 1 == level ? page : levels - above + 1;
            tables[levels - above, 0] = TableEntry(machine, above, tables.AddressOf(next));
            tables[levels - above, 1] = tables[levels - above, 0];
        }
    }

    /// <summary>Leaves of pages one behind the other, with a few that are not, or are not there.</summary>
    private static void FillWithRuns(Machine machine, int level, ulong leaf, Span<ulong> entries, int firstPage, Random random)
    {
        LevelRules rules = machine.Generated[level];
        ulong other = OfOtherMemoryType(rules, leaf);
        int breaks = random.Next(4) == 0 ? 8 : 300;
        for (int i = 0; i < entries.Length; i++)
        {
            ulong page = (((ulong)(firstPage + i) << rules.Shift) >> machine.Generated.AddressShift) & rules.LeafAddress;
            entries[i] = random.Next(breaks) switch
            {
                0 => 0,
                1 => other | page,
                2 => leaf | ((page << 1) & rules.LeafAddress),
                _ => leaf | page,
            };
        }
    }

    /// <summary>All entries of each table point to the one table below; the last is empty.</summary>
    private static TestTables Funnel(Machine machine, int levels)
    {
        TestTables tables = machine.Tables(levels);
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

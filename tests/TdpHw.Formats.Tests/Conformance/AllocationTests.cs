using TdpHw.Formats.Tests.Generated;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>What runs once for each entry or address must not allocate, for any format.</summary>
public sealed class AllocationTests
{
    public static TheoryData<string> FormatIds => Machines.FormatIds;

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Walks_scans_and_listings_allocate_nothing(string formatId)
    {
        Machine machine = Machines.Richest(formatId);
        int levels = machine.Deepest.Levels;
        TestTables tables = FullTree(machine, levels);
        Assert.True(RegisteredFormats.TryVisit(formatId, new Measurement(machine, tables, levels), out var bytes));
        Assert.All(bytes!, pair => Assert.Equal((pair.Key, 0), (pair.Key, pair.Value)));
    }

    /// <summary>Every table holds a leaf at level 1, so that nothing is barren.</summary>
    private static TestTables FullTree(Machine machine, int levels)
    {
        var maker = new EntryMaker(new Random(12));
        var tables = machine.Tables(levels);
        for (int page = 0; page + 1 < levels; page++)
        {
            ulong next = tables.AddressOf(page + 1) >> machine.Generated.AddressShift;
            ulong entry = maker.WellFormed(machine.Generated[levels - page], EntryKind.Table, next);
            tables[page, 0] = entry;
            tables[page, machine.EntriesOf(machine.Deepest, levels - page) - 1] = entry;
        }

        tables.Page(levels - 1).Fill(maker.WellFormed(machine.Generated[1], EntryKind.Leaf, 0));
        return tables;
    }

    private sealed class Measurement(Machine machine, TestTables tables, int levels) : IFormatVisitor<Dictionary<string, long>>
    {
        private const int Rounds = 3;

        public Dictionary<string, long> Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat>
        {
            TestMemory memory = tables.Memory;
            var root = new Root<TFormat>(TFormat.RulesFor(machine.Generated.Capabilities), new(tables.AddressOf(0)), levels);
            InputAddress[] addresses = [.. Enumerable.Range(0, 600).Select(i => new InputAddress((ulong)i << 12))];
            var results = new WalkResult[addresses.Length];
            SnapshotIndex<TFormat> index = SnapshotIndexer.Index(in memory, root);
            return new()
            {
                ["walk"] = BytesOf(() =>
                {
                    foreach (InputAddress address in addresses)
                    {
                        TFormat.Walk(in memory, root, address, Access.Read);
                    }
                }),
                ["generic walk"] = BytesOf(() =>
                {
                    foreach (InputAddress address in addresses)
                    {
                        FormatWalk.Walk(in memory, root, address, Access.Read);
                    }
                }),
                ["batch"] = BytesOf(() => BatchWalk.Walk(in memory, root, addresses, Access.Read, results)),
                ["indexed batch"] = BytesOf(() => BatchWalk.Walk(in memory, index, addresses, Access.Read, results)),
                ["scan"] = BytesOf(() => TableScan.Classify(root.Rules[1], tables.Page(levels - 1)[..Math.Min(machine.TableEntries, TableScan.MaxEntries)], out _)),
                ["tree scan"] = BytesOf(() =>
                {
                    var cursor = new ScanCursor<TFormat, TestMemory>(in memory, root);
                    while (cursor.MoveNext())
                    {
                    }
                }),
                ["cursor"] = BytesOf(() =>
                {
                    var cursor = new TableCursor<TFormat, TestMemory>(in memory, root);
                    while (cursor.MoveNext())
                    {
                    }
                }),
                ["ranges"] = BytesOf(() =>
                {
                    var cursor = new RangeCursor<TFormat, TestMemory>(in memory, root);
                    while (cursor.MoveNext())
                    {
                    }
                }),
            };
        }

        /// <summary>The least that a round allocates: what each needs is in all, what compilation and caches need only in some.</summary>
        private static long BytesOf(Action action)
        {
            long least = long.MaxValue;
            for (int round = 0; round < Rounds; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                action();
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        }
    }
}

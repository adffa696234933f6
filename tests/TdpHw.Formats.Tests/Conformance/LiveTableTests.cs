using TdpHw.Formats.Tests.Generated;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Tables that somebody changes while they are gone through.</summary>
public sealed class LiveTableTests
{
    private const ulong Root = 0x1000;
    private const ulong Table = 0x2000;
    private const int EntriesPerTable = 512;

    // AMD IOMMU page tables v1: present, next level 1, and next level 7, which is a leaf. (AMD IOMMU specification 2.2.3.)
    private const ulong LeadsToLevel1 = Table | 1 << 9 | 1;
    private const ulong IsLeaf = Table | 7 << 9 | 1;
    private const ulong LeadsToLevel6 = Table | 6 << 9 | 1;

    [Fact]
    public async Task Entries_that_stop_being_tables_while_they_are_looked_at_lead_nowhere()
    {
        const int Rounds = 400;
        var tables = new TestTables(Root, pages: 2);
        TestMemory memory = tables.Memory;
        tables.Page(0).Fill(LeadsToLevel1);
        var root = new Root<AmdV1>(AmdV1.RulesFor(AmdV1.Description.DefaultCapabilities), new(Root), levels: 2);
        using var ended = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        Task writer = Task.Run(() =>
        {
            begun.SetResult();
            for (int i = 0; !ended.IsCancellationRequested; i = (i + 1) % (3 * EntriesPerTable))
            {
                Volatile.Write(ref tables[0, i % EntriesPerTable], (i % 3) switch
                {
                    0 => LeadsToLevel1,
                    1 => IsLeaf,
                    _ => LeadsToLevel6,
                });
            }
        });
        ulong seen = 0;
        await begun.Task;
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                seen = TreeCounter.Count(memory, root).Levels.Aggregate(seen, (sum, l) => sum + l.Tables + l.Leaves + l.Malformed);
                var cursor = new ScanCursor<AmdV1, TestMemory>(memory, root);
                while (cursor.MoveNext())
                {
                    Assert.InRange(cursor.Level, 1, 2);
                }
            }
        }
        finally
        {
            await ended.CancelAsync();
            await writer;
        }

        Assert.NotEqual(0ul, seen);
    }
}

using TdpHw.Core.Sharing;
using TdpHw.Formats;
using TdpHw.Memory;
using Xunit.Abstractions;

namespace TdpHw.Fuzz.Tests;

/// <summary>
/// Broken tables through the library: nothing throws, everything ends, and what two ways of reading say agrees.
/// </summary>
public sealed class LibraryFuzzTests(ITestOutputHelper output)
{
    private const int MaxLeaves = 100_000;

    [Theory]
    [InlineData("ept-default")]
    [InlineData("ept-noad")]
    [InlineData("ept-huge")]
    public void Broken_ept_tables_read_the_same_in_every_way(string name) =>
        Try<Ept>(name, Ept.RulesFor(new EptCapabilities { MaxPhyAddr = 40 }));

    [Theory]
    [InlineData("vtd-ss-48")]
    [InlineData("vtd-ss-48-scalable")]
    public void Broken_second_stage_tables_read_the_same_in_every_way(string name) =>
        Try<VtdSecondStage>(name, VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 48 }));

    private void Try<TFormat>(string name, FormatRules<TFormat> rules)
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        int cases = FuzzBudget.Cases(150);
        output.WriteLine($"{cases} cases from seed {FuzzBudget.Seed}");
        for (int seed = FuzzBudget.Seed; seed < FuzzBudget.Seed + cases; seed++)
        {
            try
            {
                TryOne(name, rules, new Random(seed));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{name}, seed {seed}: {exception.Message}", exception);
            }
        }
    }

    private static void TryOne<TFormat>(string name, FormatRules<TFormat> rules, Random random)
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        MutableCapture capture = MutableCapture.Load(name);
        CaptureMutation.Apply(capture, random);
        SparseMemory memory = capture.ToMemory();
        string hpa = capture.Description["roots"]!.AsArray()[random.Next(capture.Description["roots"]!.AsArray().Count)]!["hpa"]!.GetValue<string>();
        var root = new Root<TFormat>(rules, new(Convert.ToUInt64(hpa[2..], 16)), 4);

        TreeCounts counts = TreeCounter.Count(in memory, root);
        var addresses = new List<InputAddress>();
        ulong[] leaves = new ulong[5];
        bool isCut = false;
        ulong deadEnds = 0;
        var cursor = new TableCursor<TFormat, SparseMemory>(in memory, root);
        while (cursor.MoveNext())
        {
            CursorEntry entry = cursor.Current;
            deadEnds += entry.Reach is TableReach.Cycle or TableReach.NotInMemory ? 1u : 0;
            if (addresses.Count + (long)deadEnds == MaxLeaves)
            {
                isCut = true;
                break;
            }

            if (entry.Kind == EntryKind.Table)
            {
                continue;
            }

            leaves[entry.Level] += entry.Kind == EntryKind.Leaf ? 1u : 0;
            addresses.Add(entry.Address);
            WalkResult walk = TFormat.Walk(in memory, root, entry.Address);
            Assert.Equal(OutcomeOf(entry.Kind), walk.Outcome);
            Assert.Equal((entry.Level, entry.Entry, entry.EntryAddress), (walk.Level, walk.Entry, walk.EntryAddress));
            Assert.Equal(walk, FormatWalk.Walk(in memory, root, entry.Address));
            if (entry.Kind == EntryKind.Leaf)
            {
                Assert.Equal((entry.Output, entry.Rights), (walk.Output, walk.Rights));
            }
        }

        if (!isCut)
        {
            // A cycle is told from the path, so shared tables above one may count differently; without one they may not.
            for (int level = 1; level <= 4 && counts.Cycles == 0; level++)
            {
                Assert.Equal(counts.Levels[level - 1].Leaves, leaves[level]);
            }
        }

        WalkResult[] batch = new WalkResult[addresses.Count];
        BatchWalk.Walk(in memory, root, addresses.ToArray(), Access.Write, batch);
        for (int i = 0; i < batch.Length; i++)
        {
            Assert.Equal(TFormat.Walk(in memory, root, addresses[i], Access.Write), batch[i]);
        }

        CheckSharing(in memory, root, rules);
    }

    private static WalkOutcome OutcomeOf(EntryKind kind) => kind switch
    {
        EntryKind.Leaf => WalkOutcome.Mapped,
        EntryKind.ReservedBitSet => WalkOutcome.ReservedBitSet,
        EntryKind.IllegalEncoding => WalkOutcome.IllegalEncoding,
        _ => WalkOutcome.NotPresent,
    };

    /// <summary>The importer's own walk finds at each reachable offender what the check says of it, and elsewhere no fault.</summary>
    private static void CheckSharing<TFormat>(in SparseMemory memory, Root<TFormat> root, FormatRules<TFormat> rules)
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        FormatRules<VtdSecondStage> importer = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 48 });
        var importerRoot = new Root<VtdSecondStage>(importer, root.Table, root.Levels);
        ShareReport report = ShareCheck.Run(
            in memory, [root], rules, null, null, importer, new ShareOptions { MaxEntries = MaxLeaves });
        foreach (ShareOffender offender in report.Offenders.Where(o => o.IsReachable))
        {
            WalkResult walk = VtdSecondStage.Walk(in memory, importerRoot, offender.Address);
            ShareFinding finding = offender.Findings[0];
            bool isMapped = finding.Code == ShareCode.BlockedOutput
                || finding is { Code: ShareCode.UnwantedMapping, Kind: EntryLayout.Leaf };
            bool leadsOn = finding is { Code: ShareCode.UnwantedMapping, Kind: EntryLayout.Table };
            Assert.Equal(isMapped, walk.Outcome == WalkOutcome.Mapped && walk.Level == offender.Level);
            Assert.True(leadsOn ? walk.Level < offender.Level : walk.Level == offender.Level);
        }

        HashSet<(ulong, int)> faults = [.. report.Offenders.Select(o => (o.Address.Value, o.Level))];
        var cursor = new TableCursor<TFormat, SparseMemory>(in memory, root, Wanted.Leaves);
        for (int i = 0; i < 2000 && !report.IsCut && cursor.MoveNext();)
        {
            CursorEntry leaf = cursor.Current;
            if (leaf.Kind != EntryKind.Leaf)
            {
                continue;
            }

            i++;
            WalkResult walk = VtdSecondStage.Walk(in memory, importerRoot, leaf.Address);
            bool isFaulty = Enumerable.Range(leaf.Level, root.Levels - leaf.Level + 1)
                .Any(l => faults.Contains((leaf.Address.Value & ~((1ul << (rules[l].Shift)) - 1), l)));
            Assert.Equal(!isFaulty, walk.Outcome == WalkOutcome.Mapped && walk.Output == leaf.Output);
        }
    }
}

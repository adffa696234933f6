namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Judgements that are looked up against those that are made test by test, for every format there is.</summary>
public sealed class VerdictConformanceTests
{
    public static TheoryData<string> FormatIds => Machines.FormatIds;

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Looking_up_and_testing_judge_alike(string formatId)
    {
        const int Seed = 21;
        var random = new Random(Seed);
        var maker = new EntryMaker(random);
        var seen = new HashSet<EntryKind>();
        foreach (Machine machine in (Machine[])[Machines.Richest(formatId), .. Machines.Some(formatId, 8)])
        {
            foreach (LevelRules rules in machine.Levels.Select(level => machine.Generated[level]))
            {
                for (int i = 0; i < 2000; i++)
                {
                    ulong entry = i % 2 == 0
                        ? (ulong)random.NextInt64() << 1 ^ (ulong)random.NextInt64()
                        : maker.Make(rules, (ulong)random.NextInt64());
                    EntryVerdict verdict = rules.Judge(entry);
                    Assert.Equal(rules.JudgeByTests(entry), verdict);

                    EntryKind kind = (entry & verdict.Reserved) != 0 ? EntryKind.ReservedBitSet : verdict.Kind;
                    Assert.Equal(rules.KindOf(entry), kind);
                    Assert.Equal(rules.RightsByTests(entry), verdict.Rights);
                    Assert.Equal(verdict.Rights, rules.RightsOf(entry));
                    seen.Add(kind);
                }
            }
        }

        Assert.Contains(EntryKind.Leaf, seen);
        Assert.Contains(EntryKind.NotPresent, seen);
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Entries_that_agree_in_the_deciding_bits_mean_the_same(string formatId)
    {
        const int Seed = 22;
        var random = new Random(Seed);
        var maker = new EntryMaker(random);
        var seen = new HashSet<EntryKind>();
        foreach (Machine machine in (Machine[])[Machines.Richest(formatId), .. Machines.Some(formatId, 8)])
        {
            foreach (LevelRules rules in machine.Levels.Select(level => machine.Generated[level]))
            {
                for (int i = 0; i < 2000; i++)
                {
                    ulong entry = maker.Make(rules, (ulong)random.NextInt64());
                    EntryKind kind = rules.KindOf(entry);
                    if (kind is EntryKind.ReservedBitSet or EntryKind.IllegalEncoding)
                    {
                        continue;
                    }

                    ulong bits = rules.DecidingBits(entry);
                    ulong mask = bits | rules.ReservedIn(rules.LayoutOf(entry));
                    ulong noise = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
                    ulong other = (entry & mask) | (noise & (i % 2 == 0 ? ulong.MaxValue : 1ul << (i % 64)) & ~mask);
                    Assert.Equal(kind, rules.KindOf(other));
                    Assert.Equal(rules.RightsOf(entry), rules.RightsOf(other));
                    if (kind == EntryKind.Leaf)
                    {
                        Assert.Equal(rules.IsSizeCoded(entry), rules.IsSizeCoded(other));
                    }
                    else if (kind == EntryKind.Table)
                    {
                        Assert.Equal(rules.NextLevelOf(entry), rules.NextLevelOf(other));
                    }

                    // Also where nothing can be looked up.
                    Assert.Equal(rules.DecidingBitsByTests(entry), bits);
                    seen.Add(kind);
                }
            }
        }

        Assert.Contains(EntryKind.Leaf, seen);
    }
}

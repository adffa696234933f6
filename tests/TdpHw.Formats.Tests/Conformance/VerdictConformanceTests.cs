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

    [Theory]
    [InlineData(0x3000, 0x0000, 0x0000, 0x0000)]
    [InlineData(0x3000, 0x1000, 0x0000, 0x0000)]
    [InlineData(0x1000, 0x0000, 0x6000, 0x0000)]
    [InlineData(0x0000, 0x0000, 0x3000, 0x0000)]
    [InlineData(0x0000, 0x0000, 0x3000, 0x2000)]
    [InlineData(0x0000, 0x0000, 0x3002, 0x0002)]
    public void Rules_on_address_bits_are_judged_as_their_tests_say(ulong mask, ulong value, ulong any, ulong flip)
    {
        var test = new EntryTest(mask, value, any, flip);
        var rules = new LevelRules
        {
            Level = 1,
            Shift = 12,
            Present = new EntryTests(new EntryTest(1, 1)),
            Leaf = [new LeafRule(EntryTest.Always, Supported: true)],
            Illegal = [new IllegalRule(test, EntryLayout.Leaf, 0)],
            LeafAddress = 0xffff_ffff_f000,
        };
        for (ulong bits = 0; bits < 32; bits++)
        {
            ulong entry = ((bits >> 2) << 12) | (bits & 3);
            bool isIllegal = (entry & mask) == value && (any == 0 || ((entry ^ flip) & any) != 0);
            EntryKind expected = (entry & 1) == 0 ? EntryKind.NotPresent : isIllegal ? EntryKind.IllegalEncoding : EntryKind.Leaf;
            Assert.Equal((entry, expected), (entry, rules.Judge(entry).Kind));
        }
    }

    [Fact]
    public void Masks_of_leaves_that_are_set_before_the_rows_of_leaves_are_none()
    {
        var rules = new LevelRules { CodedAddress = 0x1000, Level = 1, Shift = 12, Present = new(), Leaf = [], Illegal = [] };
        Assert.Equal(0ul, rules.CodedAddress);
    }
}

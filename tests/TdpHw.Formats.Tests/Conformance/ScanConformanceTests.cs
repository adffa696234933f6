using TdpHw.Formats.Tests.Generated;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Scans of whole tables, at every vector width, against the judgement of single entries.</summary>
public sealed class ScanConformanceTests
{
    private const int QuestionCount = 5;

    private delegate void Scan(LevelRules rules, ReadOnlySpan<ulong> table, out TableBitmaps bitmaps);

    private static readonly (string Name, Scan Run)[] Scans =
    [
        ("default", TableScan.Classify),
        ("64", TableScan.ClassifyBy<EntryLanes64>),
        ("128", TableScan.ClassifyBy<EntryLanes128>),
        ("256", TableScan.ClassifyBy<EntryLanes256>),
        ("512", TableScan.ClassifyBy<EntryLanes512>),
    ];

    public static TheoryData<string> FormatIds => Machines.FormatIds;

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Every_width_judges_tables_of_every_length_as_single_entries_are_judged(string formatId)
    {
        const int Seed = 11;
        var random = new Random(Seed);
        var maker = new EntryMaker(random);
        using var memory = new GuardedTable();
        Machine[] machines = [Machines.Richest(formatId), .. Machines.Some(formatId, 5)];
        (Machine Machine, LevelRules Rules, ulong[] Entries)[] tables =
        [
            .. machines.SelectMany(machine => machine.Levels, (machine, level) => (
                machine, machine.Generated[level], Fill(maker, machine.Generated[level], random))),
        ];
        var total = new int[QuestionCount];
        for (int length = 0; length <= TableScan.MaxEntries; length++)
        {
            (Machine machine, LevelRules rules, ulong[] entries) = tables[random.Next(tables.Length)];
            Span<ulong> table = length % 2 == 0 ? memory.AtEnd(length) : memory.AtStart(length);
            entries.AsSpan(random.Next(entries.Length - length + 1), length).CopyTo(table);
            ulong[][] expected = Judge(rules, table);
            foreach ((string name, Scan run) in Scans)
            {
                run(rules, table, out TableBitmaps bitmaps);
                ulong[][] actual = [.. Questions(bitmaps).Select(Words)];
                for (int question = 0; question < QuestionCount; question++)
                {
                    Assert.True(
                        expected[question].SequenceEqual(actual[question]),
                        $"seed {Seed}, {machine}, level {rules.Level}, {length} entries, width {name}, bitmap {question}");
                    total[question] += actual[question].Sum(word => (int)ulong.PopCount(word));
                }
            }
        }

        // What no rule of the format speaks of is said of no entry, all else of some.
        LevelRules[] all = [.. tables.Select(table => table.Rules)];
        bool[] expectedSome =
        [
            true,
            true,
            machines.Any(machine => machine.HasMalformed),
            all.Any(rules => (rules.LeafAccessed | rules.TableAccessed) != 0),
            all.Any(rules => rules.LeafDirty != 0),
        ];
        Assert.Equal(expectedSome, total.Select(count => count != 0));
    }

    [Fact]
    public void Lanes_are_as_many_as_their_width_says()
    {
        Assert.Equal(1, LanesOf<EntryLanes64>());
        Assert.Equal(2, LanesOf<EntryLanes128>());
        Assert.Equal(4, LanesOf<EntryLanes256>());
        Assert.Equal(8, LanesOf<EntryLanes512>());
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void More_entries_than_a_bitmap_has_bits_are_refused(string formatId)
    {
        LevelRules rules = Machines.Default(formatId).Generated[1];
        Assert.Throws<ArgumentOutOfRangeException>(() => TableScan.Classify(rules, new ulong[TableScan.MaxEntries + 1], out _));
        Assert.Throws<ArgumentNullException>(() => TableScan.Classify(null!, [], out _));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(511, 1)]
    public void A_bitmap_counts_its_bits(int bit, int expected)
    {
        var bitmap = default(EntryBitmap);
        bitmap[bit / 64] |= (ulong)expected << (bit % 64);
        Assert.Equal(expected, bitmap.Count());
        bitmap[3] = ulong.MaxValue;
        Assert.Equal(expected + 64, bitmap.Count());
    }

    private static int LanesOf<TLanes>()
        where TLanes : struct, IEntryLanes<TLanes> => TLanes.Count;

    private static ulong[] Fill(EntryMaker maker, LevelRules rules, Random random)
    {
        var entries = new ulong[TableScan.MaxEntries];
        foreach (ref ulong entry in entries.AsSpan())
        {
            entry = maker.Make(rules, (ulong)random.NextInt64());
        }

        return entries;
    }

    private static ulong[][] Judge(LevelRules rules, ReadOnlySpan<ulong> table)
    {
        ulong[][] answers = [.. Enumerable.Range(0, QuestionCount).Select(_ => new ulong[EntryBitmap.WordCount])];
        for (int i = 0; i < table.Length; i++)
        {
            EntryLayout layout = rules.LayoutOf(table[i]);
            ulong accessed = layout switch
            {
                EntryLayout.NotPresent => 0,
                EntryLayout.Leaf => rules.LeafAccessed,
                _ => rules.TableAccessed,
            };
            bool[] bits =
            [
                layout != EntryLayout.NotPresent,
                layout == EntryLayout.Leaf,
                rules.KindOf(table[i]) is EntryKind.ReservedBitSet or EntryKind.IllegalEncoding,
                (table[i] & accessed) != 0,
                layout == EntryLayout.Leaf && (table[i] & rules.LeafDirty) != 0,
            ];
            for (int question = 0; question < QuestionCount; question++)
            {
                answers[question][i / 64] |= (bits[question] ? 1ul : 0) << (i % 64);
            }
        }

        return answers;
    }

    private static EntryBitmap[] Questions(in TableBitmaps bitmaps) =>
        [bitmaps.Present, bitmaps.Leaf, bitmaps.Violation, bitmaps.Accessed, bitmaps.Dirty];

    private static ulong[] Words(EntryBitmap bitmap)
    {
        ReadOnlySpan<ulong> words = bitmap;
        return words.ToArray();
    }
}

using TdpHw.Formats.Tests.Generated;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Scans of whole tables, at every vector width, against the judgement of single entries.</summary>
public sealed class ScanConformanceTests
{
    private delegate void Scan(LevelRules rules, ReadOnlySpan<ulong> table, out TableBitmaps bitmaps);

    private static readonly (string Name, Scan Run)[] Scans =
    [
        ("default", TableScan.Classify),
        ("64", TableScan.Classify<EntryLanes64>),
        ("128", TableScan.Classify<EntryLanes128>),
        ("256", TableScan.Classify<EntryLanes256>),
        ("512", TableScan.Classify<EntryLanes512>),
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
        Machine[] machines = [Machines.Richest(formatId), .. Machines.Some(formatId, 12)];
        var total = new int[5];
        for (int length = 0; length <= TableScan.MaxEntries; length++)
        {
            Machine machine = machines[random.Next(machines.Length)];
            LevelRules rules = machine.Generated[1 + random.Next(machine.Generated.MaxLevel)];
            Span<ulong> table = length % 2 == 0 ? memory.AtEnd(length) : memory.AtStart(length);
            foreach (ref ulong entry in table)
            {
                entry = maker.Make(rules, (ulong)random.NextInt64());
            }

            bool[][] expected = Judge(rules, table);
            foreach ((string name, Scan run) in Scans)
            {
                run(rules, table, out TableBitmaps bitmaps);
                bool[][] actual =
                [
                    Bits(bitmaps.Present), Bits(bitmaps.Leaf), Bits(bitmaps.Violation), Bits(bitmaps.Accessed), Bits(bitmaps.Dirty),
                ];
                for (int question = 0; question < expected.Length; question++)
                {
                    Assert.True(
                        expected[question].SequenceEqual(actual[question]),
                        $"seed {Seed}, {machine}, level {rules.Level}, {length} entries, width {name}, bitmap {question}");
                    total[question] += actual[question].Count(bit => bit);
                }
            }
        }

        Assert.All(total, count => Assert.NotEqual(0, count));
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

    private static bool[][] Judge(LevelRules rules, ReadOnlySpan<ulong> table)
    {
        var answers = new bool[5][];
        for (int question = 0; question < answers.Length; question++)
        {
            answers[question] = new bool[TableScan.MaxEntries];
        }

        for (int i = 0; i < table.Length; i++)
        {
            EntryLayout layout = rules.LayoutOf(table[i]);
            answers[0][i] = layout != EntryLayout.NotPresent;
            answers[1][i] = layout == EntryLayout.Leaf;
            answers[2][i] = rules.KindOf(table[i]) is EntryKind.ReservedBitSet or EntryKind.IllegalEncoding;
            ulong accessed = layout switch
            {
                EntryLayout.NotPresent => 0,
                EntryLayout.Leaf => rules.LeafAccessed,
                _ => rules.TableAccessed,
            };
            answers[3][i] = (table[i] & accessed) != 0;
            answers[4][i] = layout == EntryLayout.Leaf && (table[i] & rules.LeafDirty) != 0;
        }

        return answers;
    }

    private static bool[] Bits(EntryBitmap bitmap)
    {
        var bits = new bool[TableScan.MaxEntries];
        for (int i = 0; i < bits.Length; i++)
        {
            bits[i] = (bitmap[i / 64] >> (i % 64) & 1) != 0;
        }

        return bits;
    }
}

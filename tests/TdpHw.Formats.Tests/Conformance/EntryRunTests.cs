using TdpHw.Formats.Tests.Generated;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Runs of entries, at every vector width, against a look at one entry after the other.</summary>
public sealed class EntryRunTests
{
    private delegate int Count(ReadOnlySpan<ulong> entries, in EntryPattern pattern, ref NothingUpcoming upcoming);

    private static readonly (string Name, Count Run)[] Widths =
    [
        ("default", EntryRun.Count<NothingUpcoming>),
        ("64", EntryRun.CountBy<EntryLanes64, NothingUpcoming>),
        ("128", EntryRun.CountBy<EntryLanes128, NothingUpcoming>),
        ("256", EntryRun.CountBy<EntryLanes256, NothingUpcoming>),
        ("512", EntryRun.CountBy<EntryLanes512, NothingUpcoming>),
    ];

    [Theory]
    [InlineData(0x1000, false)]
    [InlineData(0x1000, true)]
    [InlineData(0, false)]
    [InlineData(0, true)]
    public void Every_width_counts_as_far_as_entries_look_as_they_have_to(ulong step, bool hasStop)
    {
        const int Seed = 17;
        const ulong Mask = 0x000f_ffff_ffff_f0ff;
        const ulong First = 0x0000_1234_5678_9037;
        var random = new Random(Seed);
        using var memory = new GuardedTable();
        int broken = 0;
        for (int length = 0; length <= TableScan.MaxEntries; length++)
        {
            Span<ulong> entries = length % 2 == 0 ? memory.AtEnd(length) : memory.AtStart(length);
            for (int i = 0; i < length; i++)
            {
                // Bits outside the mask are anything.
                entries[i] = (First + ((ulong)i * step)) | ((ulong)random.NextInt64() & ~Mask);
            }

            // The first break lies anywhere: a wrong bit, a step too few, or an entry that ends the run by itself.
            int at = random.Next(length + 1);
            EntryPattern pattern = new(Mask, First, step);
            if (at < length)
            {
                broken++;
                if (hasStop)
                {
                    const ulong StopMask = 0xfful << 54;
                    entries[at] = (entries[at] & ~StopMask) | (0xa5ul << 54);
                    pattern = pattern with { StopMask = StopMask, StopValue = 0xa5ul << 54 };
                }
                else
                {
                    entries[at] ^= step != 0 && at > 0 && at % 3 == 0 ? entries[at] ^ entries[at - 1] : 1ul << random.Next(8);
                }
            }

            int expected = 0;
            while (expected < length
                && (entries[expected] & pattern.Mask) == First + ((ulong)expected * step)
                && (entries[expected] & pattern.StopMask) != pattern.StopValue)
            {
                expected++;
            }

            foreach ((string name, Count run) in Widths)
            {
                var upcoming = default(NothingUpcoming);
                Assert.Equal((name, length, expected), (name, length, run(entries, in pattern, ref upcoming)));
            }
        }

        Assert.NotEqual(0, broken);
    }
}

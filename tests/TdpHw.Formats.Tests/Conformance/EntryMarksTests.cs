namespace TdpHw.Formats.Tests.Conformance;

/// <summary>What the hardware marked entries with, at every vector width and wherever the marks stand.</summary>
public sealed class EntryMarksTests
{
    private const int EntryBits = 64;

    [Fact]
    public void Lanes_of_every_width_read_marks_that_stand_anywhere()
    {
        foreach ((ulong accessed, ulong dirty) in Pairs())
        {
            Check<LaneMarks<EntryLanes64>, EntryLanes64>(accessed, dirty);
            Check<LaneMarks<EntryLanes128>, EntryLanes128>(accessed, dirty);
            Check<LaneMarks<EntryLanes256>, EntryLanes256>(accessed, dirty);
            Check<LaneMarks<EntryLanes512>, EntryLanes512>(accessed, dirty);
        }
    }

    [Fact]
    public void Marks_that_stand_near_each_other_are_read_from_packed_entries()
    {
        foreach ((ulong accessed, ulong dirty) in Pairs().Where(p => PackedMarks.CanRead(p.Accessed, p.Dirty)))
        {
            Check<PackedMarks, EntryLanes256>(accessed, dirty);
        }
    }

    private static IEnumerable<(ulong Accessed, ulong Dirty)> Pairs()
    {
        ulong[] marks = [0, .. Enumerable.Range(0, EntryBits).Select(bit => 1ul << bit)];
        return from accessed in marks from dirty in marks select (accessed, dirty);
    }

    private static void Check<TMarks, TLanes>(ulong accessed, ulong dirty)
        where TMarks : struct, IEntryMarks<TMarks, TLanes>
        where TLanes : struct, IEntryLanes<TLanes>
    {
        const int Vectors = 4;
        var random = new Random(accessed.GetHashCode() ^ (dirty.GetHashCode() << 1));
        var entries = new ulong[Vectors * TLanes.Count];
        ulong used = 0;
        ulong written = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            used |= (entries[i] & accessed) != 0 ? 1ul << i : 0;
            written |= (entries[i] & dirty) != 0 ? 1ul << i : 0;
        }

        TMarks.Read(
            TMarks.Of(accessed, dirty),
            TLanes.Load(in entries[0]),
            TLanes.Load(in entries[TLanes.Count]),
            TLanes.Load(in entries[2 * TLanes.Count]),
            TLanes.Load(in entries[3 * TLanes.Count]),
            out ulong readUsed,
            out ulong readWritten);
        if (accessed != 0)
        {
            Assert.Equal(used, readUsed);
        }

        if (dirty != 0)
        {
            Assert.Equal(written, readWritten);
        }
    }
}

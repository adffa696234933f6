using static TdpHw.Memory.Tests.Entries;

namespace TdpHw.Memory.Tests;

public sealed class FlatMemoryTests
{
    [Theory]
    [InlineData(0x1000UL, 10UL)]
    [InlineData(0x1008UL, 11UL)]
    [InlineData(0x1010UL, 12UL)]
    [InlineData(0xff8UL, null)]
    [InlineData(0x1018UL, null)]
    [InlineData(0UL, null)]
    [InlineData(0xfffffffffffffff8UL, null)]
    [InlineData(0x1004UL, null)]
    public void Entry_is_read_within_the_range_only(ulong address, ulong? expected) =>
        Assert.Equal(expected, Read(new FlatMemory(At(0x1000), [10, 11, 12]), address));

    [Theory]
    [InlineData(0x1000UL, 3, true)]
    [InlineData(0x1008UL, 2, true)]
    [InlineData(0x1010UL, 1, true)]
    [InlineData(0x1000UL, 4, false)]
    [InlineData(0x1010UL, 2, false)]
    [InlineData(0xff8UL, 2, false)]
    [InlineData(0x1018UL, 1, false)]
    [InlineData(0x1004UL, 1, false)]
    [InlineData(0x1000UL, 0, false)]
    [InlineData(0x1000UL, -1, false)]
    [InlineData(0x1000UL, int.MaxValue, false)]
    [InlineData(0xfffffffffffffff8UL, 2, false)]
    public void Table_is_given_when_all_of_it_is_in_the_range(ulong address, int count, bool given)
    {
        ulong[]? expected = given ? [.. Enumerable.Range((int)(address - 0x1000) / 8 + 10, count).Select(i => (ulong)i)] : null;
        Assert.Equal(expected, Table(new FlatMemory(At(0x1000), [10, 11, 12]), address, count));
    }

    [Fact]
    public void Range_may_end_at_the_end_of_the_address_space()
    {
        var memory = new FlatMemory(At(ulong.MaxValue - 15), [1, 2]);

        Assert.Equal(2UL, Read(memory, ulong.MaxValue - 7));
        Assert.Equal((ulong[])[1UL, 2UL], Table(memory, ulong.MaxValue - 15, 2));
        Assert.Null(Table(memory, ulong.MaxValue - 7, 2));
        Assert.Null(Read(memory, 0));
    }

    [Fact]
    public void Table_is_the_array_itself()
    {
        ulong[] entries = [1, 2];
        var memory = new FlatMemory(At(0), entries);
        Assert.True(memory.TryGetTable(At(0), 2, out ReadOnlySpan<ulong> table));

        entries[1] = 7;

        Assert.Equal(7UL, table[1]);
        Assert.Equal(7UL, Read(memory, 8));
    }

    [Fact]
    public void Bytes_are_little_endian()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0, 0, 0, 0, 0, 0, 0x80];
        var memory = FlatMemory.FromBytes(At(0x20), bytes);

        Assert.Equal(0x0807060504030201UL, Read(memory, 0x20));
        Assert.Equal(0x80000000000000ffUL, Read(memory, 0x28));
    }

    [Fact]
    public void Default_and_empty_have_nothing()
    {
        Assert.Null(Read(default(FlatMemory), 0));
        Assert.Null(Table(default(FlatMemory), 0, 1));
        Assert.Null(Read(new FlatMemory(At(ulong.MaxValue - 7), []), ulong.MaxValue - 7));
    }

    [Theory]
    [InlineData(4UL, 1, "start")]
    [InlineData(0xfffffffffffffff8UL, 2, "entries")]
    public void Impossible_range_is_refused(ulong start, int count, string parameter) =>
        Assert.Throws<ArgumentException>(parameter, () => new FlatMemory(At(start), new ulong[count]));

    [Fact]
    public void Bytes_that_are_no_whole_entries_are_refused() =>
        Assert.Throws<ArgumentException>("bytes", () => FlatMemory.FromBytes(At(0), new byte[12]));
}

using System.Runtime.InteropServices;
using static TdpHw.Memory.Tests.Entries;

namespace TdpHw.Memory.Tests;

public sealed class SparseMemoryTests
{
    private const ulong LastPage = 0xfffffffffffff000;

    [Fact]
    public void Pages_are_found_wherever_they_lie()
    {
        var pages = new SparsePages();
        ulong[] addresses = [0, 0x1000, 0x7fff_f000, 0xf_ffff_ffff_f000, 0x8000_0000_0000_0000, LastPage];
        foreach (ulong address in addresses)
        {
            pages.Add(At(address), Pages(1, address));
        }

        var memory = new SparseMemory(pages);
        Assert.Equal(addresses.Length, pages.PageCount);
        foreach (ulong address in addresses)
        {
            Assert.Equal(address, Read(memory, address));
            Assert.Equal(address + 511, Read(memory, address + 0xff8));
            Assert.Equal(Pages(1, address), Table(memory, address, 512));
        }

        Assert.Null(Read(memory, 0x2000));
        Assert.Null(Read(memory, LastPage - 8));
        Assert.Null(Table(memory, 0x2000, 512));
    }

    [Fact]
    public void Many_pages_are_found_after_the_index_grew()
    {
        // Strides of a power of two are what collides in a poor hash.
        var pages = new SparsePages();
        for (ulong i = 0; i < 3000; i++)
        {
            pages.Add(At(i << 40), Pages(1, i << 40));
        }

        var memory = new SparseMemory(pages);
        for (ulong i = 0; i < 3000; i++)
        {
            Assert.Equal((i << 40) + 7, Read(memory, (i << 40) + 56));
            Assert.Null(Read(memory, (i << 40) + 0x1000));
        }
    }

    [Theory]
    [InlineData(0x5004UL, 1)]
    [InlineData(0x5000UL, 0)]
    [InlineData(0x5000UL, -1)]
    [InlineData(0x5000UL, int.MinValue)]
    [InlineData(0x5000UL, int.MaxValue)]
    [InlineData(0x5ff8UL, 2)]
    [InlineData(0x4ff8UL, 2)]
    [InlineData(0x5004UL, 1024)]
    public void Table_that_is_not_wholly_there_is_not_given(ulong address, int count)
    {
        var pages = new SparsePages();
        pages.Add(At(0x5000), Pages(1, 0));

        Assert.Null(Table(new SparseMemory(pages), address, count));
    }

    [Fact]
    public void Misaligned_entry_is_not_in_memory()
    {
        var pages = new SparsePages();
        pages.Add(At(0), Pages(2, 1));

        Assert.Null(Read(new SparseMemory(pages), 4));
        Assert.Null(Read(new SparseMemory(pages), 0xffc));
    }

    [Fact]
    public void Small_table_is_a_part_of_its_page()
    {
        var pages = new SparsePages();
        pages.Add(At(0x5000), Pages(1, 100));

        Assert.Equal((ulong[])[104UL, 105, 106, 107], Table(new SparseMemory(pages), 0x5020, 4));
        Assert.Equal((ulong[])[611UL], Table(new SparseMemory(pages), 0x5ff8, 1));
    }

    [Fact]
    public void Table_of_pages_that_were_added_together_is_given_in_place()
    {
        var pages = new SparsePages();
        pages.Add(At(0x4000), Pages(4, 1000));
        var memory = new SparseMemory(pages);

        Assert.True(memory.TryGetTable(At(0x4000), 2048, out ReadOnlySpan<ulong> table));
        Assert.True(memory.TryGetTable(At(0x6000), 512, out ReadOnlySpan<ulong> third));

        Assert.Equal(Pages(4, 1000), table.ToArray());
        Assert.True(table[1024..1536] == third);
    }

    [Fact]
    public void Table_of_pages_that_were_added_in_any_order_is_given()
    {
        var pages = new SparsePages();
        foreach (ulong i in (ulong[])[2, 0, 3, 1])
        {
            pages.Add(At(0x4000 + i * 0x1000), Pages(1, i * 512));
        }

        var memory = new SparseMemory(pages);
        Assert.Equal(Pages(4, 0), Table(memory, 0x4000, 2048));
        Assert.Equal(Pages(4, 0), Table(memory, 0x4000, 2048));
        Assert.Equal(Pages(3, 256)[..1024], Table(memory, 0x4800, 1024));
        Assert.Null(Table(memory, 0x4000, 2049));
    }

    [Fact]
    public void Table_over_a_hole_is_given_once_the_hole_is_filled()
    {
        var pages = new SparsePages();
        pages.Add(At(0), Pages(1, 0));
        pages.Add(At(0x2000), Pages(1, 1024));
        var memory = new SparseMemory(pages);
        Assert.Null(Table(memory, 0, 1536));

        pages.Add(At(0x1000), Pages(1, 512));

        Assert.Equal(Pages(3, 0), Table(memory, 0, 1536));
    }

    [Fact]
    public void Table_does_not_wrap_around_the_end_of_the_address_space()
    {
        var pages = new SparsePages();
        pages.Add(At(LastPage), Pages(1, 0));
        pages.Add(At(0), Pages(1, 0));
        var memory = new SparseMemory(pages);

        Assert.Null(Table(memory, LastPage, 1024));
        Assert.Null(Table(memory, LastPage + 0xff8, 2));
        Assert.Equal((ulong[])[511UL], Table(memory, LastPage + 0xff8, 1));
    }

    [Fact]
    public unsafe void Pages_are_aligned_in_storage()
    {
        var pages = new SparsePages();
        var memory = new SparseMemory(pages);
        for (ulong i = 0; i < 600; i++)
        {
            pages.Add(At(i * 0x10000), Pages(1, i));
            Assert.True(memory.TryGetTable(At(i * 0x10000), 512, out ReadOnlySpan<ulong> table));
            fixed (ulong* first = &MemoryMarshal.GetReference(table))
            {
                Assert.Equal(0UL, (ulong)first % 4096);
            }
        }
    }

    [Fact]
    public void Pages_keep_their_own_content()
    {
        ulong[] source = Pages(1, 5);
        var pages = new SparsePages();
        pages.Add(At(0), source);

        source[0] = 99;

        Assert.Equal(5UL, Read(new SparseMemory(pages), 0));
    }

    [Theory]
    [InlineData(0x1008UL, 512, "address")]
    [InlineData(0x1000UL, 0, "entries")]
    [InlineData(0x1000UL, 511, "entries")]
    [InlineData(LastPage, 1024, "entries")]
    public void Impossible_pages_are_refused(ulong address, int count, string parameter)
    {
        var pages = new SparsePages();

        Assert.Throws<ArgumentException>(parameter, () => pages.Add(At(address), new ulong[count]));
        Assert.Equal(0, pages.PageCount);
    }

    [Fact]
    public void Second_page_at_an_address_is_refused_and_nothing_is_added()
    {
        var pages = new SparsePages();
        pages.Add(At(0x3000), Pages(1, 1));

        ArgumentException e = Assert.Throws<ArgumentException>("address", () => pages.Add(At(0x1000), Pages(3, 2)));

        Assert.Contains("0x3000", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, pages.PageCount);
        Assert.Null(Read(new SparseMemory(pages), 0x1000));
        Assert.Equal(1UL, Read(new SparseMemory(pages), 0x3000));
    }

    [Fact]
    public void Default_has_nothing()
    {
        Assert.Null(Read(default(SparseMemory), 0));
        Assert.Null(Table(default(SparseMemory), 0, 512));
        Assert.Null(Table(default(SparseMemory), 0, 1024));
    }

    [Fact]
    public async Task Readers_see_whole_pages_or_none_while_pages_are_added()
    {
        const int Count = 4000;
        var pages = new SparsePages();
        var memory = new SparseMemory(pages);
        int added = 0;
        Task writer = Task.Run(() =>
        {
            for (int i = 0; i < Count; i++)
            {
                pages.Add(At((ulong)i * 0x1000), Pages(1, (ulong)i * 512));
                Volatile.Write(ref added, i + 1);
            }
        });
        Task[] readers = [.. Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            int known;
            do
            {
                known = Volatile.Read(ref added);
                ulong page = (ulong)random.Next(Count);
                ulong? entry = Read(memory, page * 0x1000 + 8);
                Assert.True(entry == page * 512 + 1 || (entry is null && page >= (ulong)known));
                ulong[]? table = Table(memory, page * 0x1000, 1024);
                Assert.True(table is null ? page + 1 >= (ulong)known : table.SequenceEqual(Pages(2, page * 512)));
            }
            while (known < Count);
        }))];

        await Task.WhenAll([writer, .. readers]);
        Assert.Equal(Count, pages.PageCount);
    }
}

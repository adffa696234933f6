using System.Runtime.InteropServices;
using static TdpHw.Memory.Tests.Entries;

namespace TdpHw.Memory.Tests;

public sealed class PagedFileMemoryTests : IDisposable
{
    private const ulong LastPage = 0xfffffffffffff000;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private PagedFile Open(ulong[] entries, ulong start = 0, params MemorySegment[] segments) =>
        PagedFile.Open(_folder.WriteEntries("image", entries), At(start), segments);

    // Shared, because .NET takes the lock of an unshared file even where the system knows no such thing.
    private static FileStream OpenForWriting(string path) =>
        new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

    [Fact]
    public void File_lies_at_its_start_address()
    {
        using PagedFile file = Open(Pages(3, 1), start: 0x7000);
        var memory = new PagedFileMemory(file);

        Assert.Equal(1UL, Read(memory, 0x7000));
        Assert.Equal(1536UL, Read(memory, 0x9ff8));
        Assert.Equal(Pages(3, 1), Table(memory, 0x7000, 1536));
        Assert.Equal((ulong[])[513UL, 514], Table(memory, 0x8000, 2));
        Assert.Null(Read(memory, 0x6ff8));
        Assert.Null(Read(memory, 0xa000));
        Assert.Null(Table(memory, 0x9000, 1024));
        Assert.Null(Table(memory, 0x6000, 1024));
        Assert.Null(memory.ReadError);
    }

    [Theory]
    [InlineData(0x7004UL, 1)]
    [InlineData(0x7004UL, 1024)]
    [InlineData(0x7000UL, 0)]
    [InlineData(0x7000UL, -1)]
    [InlineData(0x7000UL, int.MaxValue)]
    public void Table_that_is_not_wholly_there_is_not_given(ulong address, int count)
    {
        using PagedFile file = Open(Pages(3, 1), start: 0x7000);

        Assert.Null(Table(new PagedFileMemory(file), address, count));
    }

    [Fact]
    public void Page_that_is_covered_in_part_has_the_covered_entries()
    {
        // 0x7ff8 to 0x9010: the last entry of a page, a page, two entries of a page and half of one.
        string path = _folder.Write("image", [.. TempFolder.Bytes(Pages(2, 1)[..515]), 1, 2, 3, 4]);
        using PagedFile file = PagedFile.Open(path, At(0x7ff8));
        var memory = new PagedFileMemory(file);

        Assert.Null(Read(memory, 0x7ff0));
        Assert.Equal(1UL, Read(memory, 0x7ff8));
        Assert.Equal(2UL, Read(memory, 0x8000));
        Assert.Equal(515UL, Read(memory, 0x9008));
        Assert.Null(Read(memory, 0x9010));
        Assert.Null(Table(memory, 0x7000, 512));
        Assert.Equal(Pages(1, 2), Table(memory, 0x8000, 512));
        Assert.Equal((ulong[])[514UL, 515], Table(memory, 0x9000, 2));
        Assert.Null(Table(memory, 0x9000, 3));
        Assert.Equal(Pages(2, 1)[..515], Table(memory, 0x7ff8, 515));
        Assert.Null(Table(memory, 0x7ff8, 516));
    }

    [Fact]
    public void Segments_lay_parts_of_the_file_anywhere()
    {
        using PagedFile file = Open(
            Pages(3, 1),
            segments:
            [
                new(At(0x8000_0000_0000), 0x1000, 0x1000),
                new(At(0x4000), 0x2000, 0x1000),
                new(At(0x2000), 0, 0x1000),
            ]);
        var memory = new PagedFileMemory(file);

        Assert.Equal(Pages(1, 1), Table(memory, 0x2000, 512));
        Assert.Equal(Pages(1, 1025), Table(memory, 0x4000, 512));
        Assert.Equal(Pages(1, 513), Table(memory, 0x8000_0000_0000, 512));
        Assert.Null(Read(memory, 0));
        Assert.Null(Read(memory, 0x3000));
        Assert.Null(Read(memory, 0x5000));
        Assert.Null(Table(memory, 0x2000, 1024));
    }

    [Fact]
    public void Segments_may_share_a_page_and_leave_a_hole_in_it()
    {
        // Bytes of the file at an odd offset, so that entries are not aligned in it.
        string path = _folder.Write("image", [0xff, .. TempFolder.Bytes([10, 11, 12, 13])]);
        using PagedFile file = PagedFile.Open(
            path,
            segments: [new(At(0x18), 1 + 16, 16), new(At(0x1000), 1, 8), new(At(0x8), 1, 8)]);
        var memory = new PagedFileMemory(file);

        Assert.Null(Read(memory, 0));
        Assert.Equal(10UL, Read(memory, 0x8));
        Assert.Null(Read(memory, 0x10));
        Assert.Equal(12UL, Read(memory, 0x18));
        Assert.Equal(13UL, Read(memory, 0x20));
        Assert.Null(Read(memory, 0x28));
        Assert.Equal(10UL, Read(memory, 0x1000));
        Assert.Equal((ulong[])[12UL, 13], Table(memory, 0x18, 2));
        Assert.Null(Table(memory, 0x8, 2));
        Assert.Null(Table(memory, 0x8, 4));
    }

    [Fact]
    public void Adjacent_segments_make_whole_tables()
    {
        ulong[] entries = Pages(2, 0);
        using PagedFile file = Open(
            entries,
            segments: [new(At(0x10000), 0x1000, 0x800), new(At(0x10800), 0, 0x800), new(At(0x11000), 0x800, 0x800)]);
        var memory = new PagedFileMemory(file);

        ulong[] expected = [.. entries[512..768], .. entries[..256], .. entries[256..512]];
        Assert.Equal(expected[..512], Table(memory, 0x10000, 512));
        Assert.Equal(expected, Table(memory, 0x10000, 768));
    }

    [Fact]
    public void Segment_may_end_at_the_end_of_the_address_space()
    {
        using PagedFile file = Open(Pages(1, 1), start: LastPage);
        var memory = new PagedFileMemory(file);

        Assert.Equal(512UL, Read(memory, LastPage + 0xff8));
        Assert.Equal(Pages(1, 1), Table(memory, LastPage, 512));
        Assert.Null(Table(memory, LastPage, 1024));
        Assert.Null(Read(memory, 0));
        Assert.Null(Read(memory, LastPage - 8));
    }

    [Fact]
    public void Segment_up_to_the_largest_file_offset_is_cut_where_the_file_ends()
    {
        using PagedFile file = Open(Pages(1, 1), segments: new MemorySegment(At(0), 8, long.MaxValue - 8));
        var memory = new PagedFileMemory(file);

        Assert.Equal(2UL, Read(memory, 0));
        Assert.Equal(512UL, Read(memory, 0xff0));
        Assert.Null(Read(memory, 0xff8));
        Assert.Null(Read(memory, 0x7fff_ffff_ffff_ffe8));
        Assert.Null(Table(memory, 0, 512));
        Assert.Null(memory.ReadError);
    }

    [Fact]
    public void Segment_beyond_the_file_has_nothing()
    {
        using PagedFile file = Open(Pages(1, 1), segments: new MemorySegment(At(0x1000), 0x10_0000, 0x1000));
        var memory = new PagedFileMemory(file);

        Assert.Null(Read(memory, 0x1000));
        Assert.Null(Read(memory, 0x1000));
        Assert.Null(Table(memory, 0x1000, 512));
        Assert.Null(memory.ReadError);
    }

    [Theory]
    [InlineData(0x1000UL, 0x1000UL, 0x1ff8UL, 0x1000UL)]
    [InlineData(0x1ff8UL, 0x1000UL, 0x1000UL, 0x1000UL)]
    [InlineData(0x1000UL, 0x1000UL, 0x1000UL, 0x1000UL)]
    [InlineData(0x0UL, 0x7fffffffffffffffUL, 0x7ffffffffffffff8UL, 8UL)]
    [InlineData(0xfffffffffffff000UL, 0x1000UL, 0xfffffffffffffff8UL, 8UL)]
    public void Overlapping_segments_are_refused_by_name(ulong start, ulong size, ulong otherStart, ulong otherSize)
    {
        MemorySegment[] segments = [new(At(start), 0, size), new(At(otherStart), 0, otherSize)];

        ArgumentException e = Assert.Throws<ArgumentException>("segments", () => Open([], segments: segments));

        Assert.Contains(segments[0].ToString(), e.Message, StringComparison.Ordinal);
        Assert.Contains(segments[1].ToString(), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x1004UL, 0L, 0x1000UL)]
    [InlineData(0x1000UL, 0L, 0UL)]
    [InlineData(0x1000UL, -1L, 0x1000UL)]
    [InlineData(0xfffffffffffff000UL, 0L, 0x1001UL)]
    [InlineData(8UL, 0L, ulong.MaxValue - 6)]
    [InlineData(0UL, 1L, 0x8000000000000000UL)]
    [InlineData(0UL, long.MaxValue, 1UL)]
    [InlineData(0UL, 0L, ulong.MaxValue)]
    public void Impossible_segment_is_refused(ulong start, long offset, ulong size)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            "segments", () => Open(Pages(1, 0), segments: new MemorySegment(At(start), offset, size)));

        Assert.Contains(At(start).ToString(), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x1004UL)]
    [InlineData(0xfffffffffffff008UL)]
    public void Impossible_start_is_refused(ulong start) =>
        Assert.Throws<ArgumentException>("segments", () => Open(Pages(1, 0), start));

    [Fact]
    public void Too_small_a_cache_is_refused()
    {
        string path = _folder.WriteEntries("image", Pages(1, 0));

        Assert.Throws<ArgumentOutOfRangeException>("cacheBytes", () => PagedFile.Open(path, cacheBytes: (1 << 20) - 1));
    }

    [Fact]
    public void Truncated_file_is_not_in_memory_where_it_was_not_read_yet()
    {
        string path = _folder.WriteEntries("image", Pages(4, 1));
        using PagedFile file = PagedFile.Open(path);
        var memory = new PagedFileMemory(file);
        Assert.Equal(1UL, Read(memory, 0));

        using (FileStream writer = OpenForWriting(path))
        {
            writer.SetLength(0x1000 + 20);
        }

        Assert.Equal(Pages(1, 1), Table(memory, 0, 512));
        Assert.Equal(513UL, Read(memory, 0x1000));
        Assert.Equal(514UL, Read(memory, 0x1008));
        Assert.Null(Read(memory, 0x1010));
        Assert.Null(Table(memory, 0x1000, 512));
        Assert.Null(Read(memory, 0x2000));
        Assert.Null(Table(memory, 0x2000, 1024));
        Assert.Null(memory.ReadError);
    }

    [Fact]
    public void File_that_is_emptied_is_not_in_memory_but_what_was_read_stays()
    {
        string path = _folder.WriteEntries("image", Pages(2, 1));
        using PagedFile file = PagedFile.Open(path);
        var memory = new PagedFileMemory(file);
        Assert.True(memory.TryGetTable(At(0), 512, out ReadOnlySpan<ulong> table));

        using (FileStream writer = OpenForWriting(path))
        {
            writer.SetLength(0);
        }

        Assert.Equal(Pages(1, 1), table.ToArray());
        Assert.Null(Read(memory, 0x1000));
    }

    [Fact]
    public async Task File_may_shrink_and_grow_while_it_is_read()
    {
        const int Count = 64;
        byte[] content = TempFolder.Bytes(Pages(Count, 1));
        string path = _folder.Write("image", content);
        using var stop = new CancellationTokenSource();
        Task writer = Task.Run(() =>
        {
            using FileStream stream = OpenForWriting(path);
            while (!stop.IsCancellationRequested)
            {
                stream.SetLength(0x1000 + 12);
                stream.Position = 0;
                stream.Write(content);
                stream.Flush();
            }
        });

        int found = 0;
        for (int round = 0; round < 50; round++)
        {
            using PagedFile file = PagedFile.Open(path, segments: [new(At(0), 0, Count * 0x1000)]);
            var memory = new PagedFileMemory(file);
            for (ulong i = 0; i < Count; i++)
            {
                if (Table(memory, i * 0x1000, 512) is ulong[] table)
                {
                    found++;
                    // A page may be read while the system clears what is cut off: a byte is right or 0.
                    Assert.All(table.Index(), e => Assert.Equal(0UL, e.Item & ~(i * 512 + (ulong)e.Index + 1)));
                }
            }

            Assert.Null(memory.ReadError);
        }

        await stop.CancelAsync();
        await writer;
        // The first page is never cut.
        Assert.True(found >= 50);
    }

    [Fact]
    public void Cache_that_is_full_starts_afresh_and_spans_stay()
    {
        // 600 pages through a cache of 256.
        const int Count = 600;
        string path = _folder.WriteEntries("image", Pages(Count, 0));
        using PagedFile file = PagedFile.Open(path, cacheBytes: 1 << 20);
        var memory = new PagedFileMemory(file);
        Assert.True(memory.TryGetTable(At(0), 512, out ReadOnlySpan<ulong> kept));
        Assert.True(memory.TryGetTable(At(0), 1024, out ReadOnlySpan<ulong> keptPair));

        for (int pass = 0; pass < 2; pass++)
        {
            for (ulong i = 0; i < Count; i++)
            {
                Assert.Equal(i * 512 + 3, Read(memory, i * 0x1000 + 24));
            }
        }

        Assert.Equal(Pages(1, 0), kept.ToArray());
        Assert.Equal(Pages(2, 0), keptPair.ToArray());
        Assert.True(memory.TryGetTable(At(0), 512, out ReadOnlySpan<ulong> again));
        Assert.Equal(Pages(1, 0), again.ToArray());
        Assert.False(kept == again);
    }

    [Fact]
    public void Kept_page_is_read_once()
    {
        string path = _folder.WriteEntries("image", Pages(1, 1));
        using PagedFile file = PagedFile.Open(path);
        var memory = new PagedFileMemory(file);
        Assert.Equal(1UL, Read(memory, 0));

        using (FileStream writer = OpenForWriting(path))
        {
            writer.Write(TempFolder.Bytes(Pages(1, 1000)));
        }

        Assert.Equal(1UL, Read(memory, 0));
        Assert.Equal(2UL, Read(memory, 8));
    }

    [Fact]
    public void Table_larger_than_the_cache_is_given()
    {
        string path = _folder.WriteEntries("image", Pages(300, 0));
        using PagedFile file = PagedFile.Open(path, cacheBytes: 1 << 20);

        Assert.Equal(Pages(300, 0), Table(new PagedFileMemory(file), 0, 300 * 512));
    }

    [Theory]
    [InlineData(PagedFile.DefaultCacheBytes)]
    [InlineData(1L << 20)]
    public void Concurrent_readers_agree_with_the_file(long cacheBytes)
    {
        const int Count = 700;
        string path = _folder.WriteEntries("image", Pages(Count, 0));
        using PagedFile file = PagedFile.Open(path, cacheBytes: cacheBytes);
        var memory = new PagedFileMemory(file);

        Parallel.For(0, 8, seed =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 3000; i++)
            {
                ulong index = (ulong)random.Next(Count * 512);
                Assert.Equal(index, Read(memory, index * 8));
                ulong page = (ulong)random.Next(Count - 1);
                Assert.True(memory.TryGetTable(At(page * 0x1000), 1024, out ReadOnlySpan<ulong> table));
                Assert.Equal(page * 512, table[0]);
                Assert.Equal(page * 512 + 1023, table[1023]);
            }
        });

        Assert.Null(file.ReadError);
    }

    [Fact]
    public unsafe void Pages_are_aligned_in_storage()
    {
        using PagedFile file = Open(Pages(40, 0), start: 8);
        var memory = new PagedFileMemory(file);
        for (ulong i = 1; i < 40; i++)
        {
            Assert.True(memory.TryGetTable(At(i * 0x1000), 512, out ReadOnlySpan<ulong> table));
            fixed (ulong* first = &MemoryMarshal.GetReference(table))
            {
                Assert.Equal(0UL, (ulong)first % 4096);
            }
        }
    }

    [Fact]
    public void Read_error_is_not_in_memory_and_is_remembered()
    {
        // The kernel answers EIO for what this process has not mapped, as it does for page 0.
        using PagedFile file = PagedFile.Open("/proc/self/mem", segments: [new(At(0x1000), 0, 0x2000)]);
        var memory = new PagedFileMemory(file);
        Assert.Null(memory.ReadError);

        Assert.Null(Read(memory, 0x1000));
        string? error = memory.ReadError;
        Assert.Null(Table(memory, 0x2000, 512));

        Assert.False(string.IsNullOrEmpty(error));
        Assert.Equal(error, memory.ReadError);
        Assert.Equal(error, file.ReadError);
    }

    [Fact]
    public void Closed_file_has_the_kept_pages_only()
    {
        PagedFile file = Open(Pages(2, 1));
        var memory = new PagedFileMemory(file);
        Assert.Equal(1UL, Read(memory, 0));

        file.Dispose();

        Assert.Equal(2UL, Read(memory, 8));
        Assert.Throws<ObjectDisposedException>(() => Read(memory, 0x1000));
    }

    [Fact]
    public void Default_has_nothing()
    {
        Assert.Null(Read(default(PagedFileMemory), 0));
        Assert.Null(Table(default(PagedFileMemory), 0, 512));
        Assert.Null(Table(default(PagedFileMemory), 0, 1024));
        Assert.Null(default(PagedFileMemory).ReadError);
    }
}

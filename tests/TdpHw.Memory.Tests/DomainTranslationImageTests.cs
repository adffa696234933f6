using static TdpHw.Memory.Tests.Entries;

namespace TdpHw.Memory.Tests;

public sealed class DomainTranslationImageTests : IDisposable
{
    private const string Device = "Device 0000:00:02.0 @0x1017f8000";
    private const string Header = "IOVA_PFN\t\tPML5E\t\t\tPML4E\t\t\tPDPE\t\t\tPDE\t\t\tPTE";
    private const string Zero = "0x0000000000000000";

    // As the kernel's documentation of the file shows it.
    private const string Example =
        """
        Device 0000:00:02.0 @0x1017f8000
        IOVA_PFN                PML5E                   PML4E                   PDPE                    PDE                     PTE
        0x0000000000200 |       0x0000000000000000      0x00000001222f2003      0x0000000146580003      0x0000000694200883      0x0000000000000000

        Device 0000:00:0a.0 with pasid 1 @0x10c112000
        IOVA_PFN                PML5E                   PML4E                   PDPE                    PDE                     PTE
        0x00000000fffff |       0x0000000000000000      0x000000010c113003      0x000000010c114003      0x000000010c115003      0x000000010df40003
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Tables_are_made_again_from_the_paths_to_leaves(string newLine)
    {
        using TableImage image = Open(Example.ReplaceLineEndings(newLine));

        Assert.Equal("vtd-ss", image.FormatId);
        Assert.Equal(
            [new("0000:00:02.0", At(0x1017f8000), 4), new("0000:00:0a.0 pasid 1", At(0x10c112000), 4)],
            image.Roots.ToArray());
        SparseMemory memory = Assert.IsType<DomainTranslationImage>(image).Memory;
        Assert.Equal(0x1222f2003UL, Read(memory, 0x1017f8000));
        Assert.Equal(0x146580003UL, Read(memory, 0x1222f2000));
        Assert.Equal(0x694200883UL, Read(memory, 0x146580000 + 8));
        Assert.Equal(0UL, Read(memory, 0x146580000));
        Assert.Null(Read(memory, 0x694200000));
        Assert.Equal(0x10c113003UL, Read(memory, 0x10c112000));
        Assert.Equal(0x10c114003UL, Read(memory, 0x10c113000 + 3 * 8));
        Assert.Equal(0x10c115003UL, Read(memory, 0x10c114000 + 511 * 8));
        Assert.Equal(0x10df40003UL, Read(memory, 0x10c115000 + 511 * 8));
        Assert.Equal(3 + 4, ((DomainTranslationImage)image).PageCount);
    }

    [Theory]
    [InlineData(5, "0x1ffffffffff", "0x2003", "0x3003", "0x4003", "0x5003", "0x6003")]
    [InlineData(4, "0xfffffffff", Zero, "0x3003", "0x4003", "0x5003", "0x6003")]
    [InlineData(3, "0x7ffffff", Zero, Zero, "0x4003", "0x5003", "0x6003")]
    [InlineData(3, "0x7fffe00", Zero, Zero, "0x4003", "0x5083", Zero)]
    [InlineData(4, "0xffffc0000", Zero, "0x3003", "0x40000083", Zero, Zero)]
    public void Zeros_at_the_top_are_levels_that_the_walk_lacks(int levels, params string[] row)
    {
        using TableImage image = Open($"{Device}\n{Header}\n{row[0]} | {string.Join('\t', row[1..])}\n");

        Assert.Equal(levels, Assert.Single(image.Roots).Levels);
        Assert.Equal(row[1..].Count(e => e != Zero), ((DomainTranslationImage)image).PageCount);
    }

    [Fact]
    public void A_device_without_rows_has_an_empty_root_of_four_levels()
    {
        using TableImage image = Open($"\n  {Device}\n{Header}\n");

        Assert.Equal([new("0000:00:02.0", At(0x1017f8000), 4)], image.Roots.ToArray());
        Assert.Equal(0UL, Read(((DomainTranslationImage)image).Memory, 0x1017f8ff8));
    }

    [Fact]
    public void Devices_of_one_domain_share_its_pages()
    {
        const string Row = "0x0000000000001 | 0x0 0x3003 0x4003 0x5003 0x7003";
        using TableImage image = Open(
            $"{Device}\n{Header}\n{Row}\n\nDevice 0000:00:03.0 @0x1017f8000\n{Header}\n{Row}\n"
            + $"\nDevice 0000:00:04.0 with pasid 0 @0x9000\n{Header}\n0x2 | 0x0 0x3003 0x4003 0x5003 0x8003\n");

        Assert.Equal(["0000:00:02.0", "0000:00:03.0", "0000:00:04.0 pasid 0"], image.Roots.Select(r => r.Name));
        Assert.Equal(5, ((DomainTranslationImage)image).PageCount);
        Assert.Equal(0x7003UL, Read(((DomainTranslationImage)image).Memory, 0x5008));
        Assert.Equal(0x8003UL, Read(((DomainTranslationImage)image).Memory, 0x5010));
    }

    [Theory]
    [InlineData(1, "not 'Device NAME", "Device 0000:00:02.0")]
    [InlineData(1, "not 'Device NAME", "Device 0000:00:02.0 @1017f8000")]
    [InlineData(1, "not 'Device NAME", "Device 0000:00:02.0 with pasid @0x1000")]
    [InlineData(1, "not a multiple of 4096", "Device 0000:00:02.0 @0x1008")]
    [InlineData(2, "neither a line 'Device", Device, "0x1 | 0x0 0x3003 0x4003 0x5003 0x6003")]
    [InlineData(2, "the columns are not", Device, "IOVA_PFN PML4E PDPE PDE PTE")]
    [InlineData(3, "5 numbers in a row of 6", Device, Header, "0x1 | 0x0 0x3003 0x4003 0x5003")]
    [InlineData(3, "7 numbers in a row of 6", Device, Header, "0x1 | 0x0 0x3003 0x4003 0x5003 0x6003 0x7")]
    [InlineData(3, "PDE 'x5003' is not a number", Device, Header, "0x1 | 0x0 0x3003 0x4003 x5003 0x6003")]
    [InlineData(3, "PTE '0x10000000000000000' is not a number", Device, Header, "0x1 | 0x0 0x3003 0x4003 0x5003 0x10000000000000000")]
    [InlineData(3, "IOVA_PFN '-1' is not a number", Device, Header, "-1 | 0x0 0x3003 0x4003 0x5003 0x6003")]
    [InlineData(3, "a walk of 0 levels", Device, Header, "0x1 | 0x0 0x0 0x0 0x0 0x0")]
    [InlineData(3, "a walk of 2 levels", Device, Header, "0x1 | 0x0 0x0 0x0 0x5003 0x6003")]
    [InlineData(3, "PDPE is zero between others", Device, Header, "0x1 | 0x0 0x3003 0x0 0x5003 0x6003")]
    [InlineData(3, "is beyond a walk of 4 levels", Device, Header, "0x1000000000 | 0x0 0x3003 0x4003 0x5003 0x6003")]
    [InlineData(3, "is not where a page of level 2 begins", Device, Header, "0x201 | 0x0 0x3003 0x4003 0x5083 0x0")]
    [InlineData(3, "PDE 0x5003 is no page, and no entry is below it", Device, Header, "0x200 | 0x0 0x3003 0x4003 0x5003 0x0")]
    [InlineData(3, "PML4E 0x3083 is no page, and no entry is below it", Device, Header, "0x0 | 0x0 0x3083 0x0 0x0 0x0")]
    [InlineData(3, "PDPE 0x4083 is a page, with an entry below it", Device, Header, "0x1 | 0x0 0x3003 0x4083 0x5003 0x6003")]
    [InlineData(4, "a walk of 5 levels below a root of 4", Device, Header, "0x1 | 0x0 0x3003 0x4003 0x5003 0x6003", "0x1 | 0x2003 0x3003 0x4003 0x5003 0x6003")]
    [InlineData(4, "entry 1 of the table at 0x5000 is 0x7003, and 0x6003 in an earlier row", Device, Header, "0x1 | 0x0 0x3003 0x4003 0x5003 0x6003", "0x1 | 0x0 0x3003 0x4003 0x5003 0x7003")]
    [InlineData(4, "entry 0 of the table at 0x4000 is 0x8003, and 0x5003 in an earlier row", Device, Header, "0x1 | 0x0 0x3003 0x4003 0x5003 0x6003", "0x2 | 0x0 0x3003 0x4003 0x8003 0x7003")]
    public void What_is_malformed_or_contradicts_itself_is_refused_with_its_line(int line, string message, params string[] lines)
    {
        string path = _folder.Write("dump.txt", System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines) + '\n'));

        string said = Assert.Throws<ImageException>(() => ImageSource.Open(path)).Message;

        Assert.StartsWith($"{path}:{line}: ", said, StringComparison.Ordinal);
        Assert.Contains(message, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_never_ends_is_refused()
    {
        string path = _folder.Write("dump.txt", System.Text.Encoding.UTF8.GetBytes($"{Device}\n{new string('x', 1 << 20)}"));

        Assert.Equal($"{path}:2: a line of more than 4096 bytes", Assert.Throws<ImageException>(() => ImageSource.Open(path)).Message);
    }

    [Fact]
    public void Text_that_is_said_to_lie_in_memory_is_raw()
    {
        string path = _folder.Write("dump.txt", System.Text.Encoding.UTF8.GetBytes(Example));

        using TableImage placed = ImageSource.Open(path, At(0x1000));
        using TableImage mapped = ImageSource.Open(path, segments: [new(At(0), 0, 64)]);

        Assert.IsType<RawImage>(placed);
        Assert.IsType<RawImage>(mapped);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Devices 0000:00:02.0 @0x1017f8000")]
    [InlineData("IOVA_PFN")]
    public void Other_text_is_raw(string text)
    {
        using TableImage image = Open(text);

        Assert.IsType<RawImage>(image);
    }

    [Fact]
    public void Text_without_a_device_is_no_such_image()
    {
        string path = _folder.Write("dump.txt", "\n"u8);

        Assert.Contains("no line 'Device", Assert.Throws<ImageException>(() => DomainTranslationImage.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_rows_are_read_whichever_way_the_reading_is_cut()
    {
        // More than one buffer of the reader.
        IEnumerable<string> rows = Enumerable.Range(0, 5000).Select(i => FormattableString.Invariant(
            $"0x{i:x13} |\t{Zero}\t0x0000000000003003\t0x0000000000004003\t0x{0x10003 + ((ulong)(i >> 9) << 12):x16}\t0x{0x100003 + ((ulong)i << 12):x16}"));
        using TableImage image = Open($"{Device}\n{Header}\n{string.Join('\n', rows)}");

        SparseMemory memory = ((DomainTranslationImage)image).Memory;
        for (ulong i = 0; i < 5000; i++)
        {
            Assert.Equal(0x100003 + (i << 12), Read(memory, 0x10000 + i * 8));
        }
    }

    private TableImage Open(string text) =>
        ImageSource.Open(_folder.Write("dump.txt", System.Text.Encoding.UTF8.GetBytes(text)));
}

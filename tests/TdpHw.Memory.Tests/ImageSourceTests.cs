using static TdpHw.Memory.Tests.Entries;

namespace TdpHw.Memory.Tests;

public sealed class ImageSourceTests : IDisposable
{
    private static readonly string Capture = Path.Combine(AppContext.BaseDirectory, "captures", "ept-huge");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("capture.json")]
    public void Folder_or_its_description_is_a_capture(string name)
    {
        using TableImage image = ImageSource.Open(Path.Combine(Capture, name));

        Assert.IsType<CaptureImage>(image);
        Assert.Equal("ept", image.FormatId);
    }

    [Fact]
    public void Other_file_is_raw()
    {
        string path = _folder.WriteEntries("dump", Pages(1, 3));
        using TableImage image = ImageSource.Open(path, At(0x1000));
        using TableImage mapped = ImageSource.Open(path, segments: [new(At(0x5000), 8, 8)]);

        Assert.IsType<RawImage>(image);
        Assert.Equal((typeof(PagedFileMemory), 3UL), image.Accept(new FirstEntryVisitor(0x1000)));
        Assert.Equal((typeof(PagedFileMemory), 4UL), mapped.Accept(new FirstEntryVisitor(0x5000)));
    }

    [Fact]
    public void Tables_of_a_capture_alone_are_raw()
    {
        using TableImage image = ImageSource.Open(Path.Combine(Capture, "tables.bin"));

        Assert.IsType<RawImage>(image);
    }

    [Fact]
    public void Capture_takes_neither_start_nor_segments()
    {
        string expected = $"{Capture}: a capture says itself where its pages lie; an address or a map is for raw files";

        Assert.Equal(expected, Assert.Throws<ImageException>(() => ImageSource.Open(Capture, At(0x1000))).Message);
        Assert.Equal(
            expected,
            Assert.Throws<ImageException>(() => ImageSource.Open(Capture, segments: [new(At(0), 0, 8)])).Message);
    }

    [Fact]
    public void Folder_without_description_is_refused() =>
        Assert.Equal(
            $"{_folder.FullName}: no capture.json in this folder",
            Assert.Throws<ImageException>(() => ImageSource.Open(_folder.FullName)).Message);

    [Fact]
    public void Missing_path_is_refused() =>
        Assert.Equal(
            $"{_folder.PathOf("capture.json")}: no such file",
            Assert.Throws<ImageException>(() => ImageSource.Open(_folder.PathOf("capture.json"))).Message);

    [Fact]
    public void Impossible_map_is_refused() =>
        Assert.Throws<ArgumentException>(
            "segments", () => ImageSource.Open(_folder.WriteEntries("dump", Pages(1, 0)), segments: [new(At(4), 0, 8)]));
}

using System.Globalization;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class RawImageTests
{
    private const string Sample = "ept-default";
    private const string Root = "0x14aa62000";

    private static string[] Look(string path, params string[] more) =>
    [
        "walk", path, "--leaves", "-o", "tsv", "--format", "ept", "--root", Root,
        "--set", $"ept_vpid_cap={Capture.Parameter(Sample, "ia32_vmx_ept_vpid_cap")}",
        "--set", $"maxphyaddr={Capture.Parameter(Sample, "maxphyaddr")}",
        .. more,
    ];

    [Fact]
    public async Task A_sparse_file_at_a_base_is_listed_as_the_capture_is()
    {
        using var folder = new TempFolder();
        const ulong Base = 0x1_4000_0000;
        string path = folder.File("memory.bin");
        await using (FileStream file = File.Create(path))
        {
            foreach ((ulong address, byte[] page) in Capture.Pages(Sample))
            {
                file.Position = (long)(address - Base);
                await file.WriteAsync(page);
            }
        }

        CliRun run = await CliRun.OfAsync(Look(path, "--base", "0x140000000"));

        Assert.Equal("", run.Errors);
        Assert.Equal(Capture.Expected(Sample, "expected.tsv"), run.OutputBytes);
        Assert.Equal(0, run.Exit);
    }

    [Fact]
    public async Task Mapped_pieces_of_a_file_are_listed_as_the_capture_is()
    {
        using var folder = new TempFolder();
        string path = folder.File("pieces.bin");
        List<string> maps = [];
        await using (FileStream file = File.Create(path))
        {
            foreach ((ulong address, byte[] page) in Capture.Pages(Sample).Reverse())
            {
                maps.Add("--map");
                maps.Add(string.Create(CultureInfo.InvariantCulture, $"0x{address:x}:{file.Position}:4096"));
                await file.WriteAsync(page);
            }
        }

        CliRun run = await CliRun.OfAsync(Look(path, [.. maps]));

        Assert.Equal("", run.Errors);
        Assert.Equal(Capture.Expected(Sample, "expected.tsv"), run.OutputBytes);
    }

    [Fact]
    public async Task Five_levels_are_walked_when_they_are_asked_for()
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(
            folder,
            "five.bin",
            RawFile.Sparse((511, 0x1000 | RawFile.All)),
            RawFile.Sparse((0, 0x2000 | RawFile.All)),
            RawFile.Sparse((0, 0x3000 | RawFile.All)),
            RawFile.Sparse((0, 0x4000 | RawFile.All)),
            RawFile.Sparse((3, 0xabcd000 | 0x30 | RawFile.All)));

        CliRun run = await CliRun.OfAsync(
            "walk", path, "--format", "ept", "--root", "0", "--levels", "5", "--leaves", "-o", "tsv");

        Assert.Equal("0x0\t0x1ff000000003000\t0xabcd000\t0x1000\t1\t0xabcd037\tRWX\tWB\tleaf\t-", run.Lines[1]);
        Assert.Equal(0, run.Exit);
    }

    [Fact]
    public async Task Without_a_number_of_levels_four_are_walked()
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(folder, "empty.bin", RawFile.Sparse());
        foreach (string format in (string[])["ept", "vtd-ss"])
        {
            CliRun run = await CliRun.OfAsync("walk", path, "--format", format, "--root", "0");
            Assert.Contains("4 levels, 48-bit addresses", run.Output, StringComparison.Ordinal);
        }

        CliRun three = await CliRun.OfAsync("walk", path, "--format", "vtd-ss", "--root", "0", "--levels", "3");
        Assert.Contains("3 levels, 39-bit addresses", three.Output, StringComparison.Ordinal);
    }
}

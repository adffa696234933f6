using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class TranslationDumpTests
{
    [Theory]
    [InlineData("vtd-ss-48", false)]
    [InlineData("vtd-ss-48-scalable", true)]
    public async Task A_driver_s_text_is_listed_as_the_capture_is(string capture, bool isScalable)
    {
        using var folder = new TempFolder();
        string path = folder.Write("domain_translation_struct", TranslationDump.Of(capture, isScalable));

        CliRun run = await CliRun.OfAsync("walk", path, "--leaves", "-o", "tsv", "--set", "haw=48");

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        Assert.Equal(Capture.Expected(capture, "expected.tsv"), run.OutputBytes);
    }

    [Theory]
    [InlineData("vtd-ss-48", "0000:00:03.0", "0x05")]
    [InlineData("vtd-ss-48-scalable", "0000:00:03.0 pasid 0", "0x79")]
    public async Task A_device_is_found_by_its_name(string capture, string name, string reason)
    {
        using var folder = new TempFolder();
        string path = folder.Write("dump", TranslationDump.Of(capture, isScalable: reason == "0x79"));

        CliRun device = await CliRun.OfAsync("walk", path, "--device", "00:03.0", "--leaves", "-o", "tsv");
        CliRun root = await CliRun.OfAsync("walk", path, "--root", name, "--leaves", "-o", "tsv");
        CliRun fault = await CliRun.OfAsync("translate", path, "--device", "00:03.0", "--access", "w", "0x12345000", "-o", "tsv");
        CliRun none = await CliRun.OfAsync("walk", path, "--device", "00:02.0");

        Assert.Equal(0, device.Exit);
        Assert.True(device.Lines.Length > 1);
        Assert.Equal(root.Output, device.Output);
        Assert.Equal(1, fault.Exit);
        Assert.StartsWith($"00:03.0\t0x12345000\twrite\tfault\t{reason}\t-\t3\t0x0\t", fault.Lines[1], StringComparison.Ordinal);
        none.AssertFailed(1, "has no tables of 00:02.0; there are: 0000:00:00.0");
    }

    [Fact]
    public async Task Rows_that_contradict_each_other_are_bad_input()
    {
        using var folder = new TempFolder();
        string path = folder.Write(
            "dump",
            """
            Device 0000:00:02.0 @0x1000
            IOVA_PFN PML5E PML4E PDPE PDE PTE
            0x1 | 0x0 0x3003 0x4003 0x5003 0x6003
            0x1 | 0x0 0x3003 0x4003 0x5003 0x7003
            """);

        CliRun run = await CliRun.OfAsync("walk", path);

        run.AssertFailed(3, "dump:4: entry 1 of the table at 0x5000");
    }
}

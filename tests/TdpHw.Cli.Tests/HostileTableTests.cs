using System.Text.Json;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class HostileTableTests
{
    private static readonly string[] At = ["--format", "ept", "--base", "0x1000", "--root", "0x1000"];

    [Theory]
    [InlineData]
    [InlineData("--leaves")]
    [InlineData("--ranges")]
    [InlineData("--special")]
    public async Task A_page_that_points_to_itself_ends_with_findings(params string[] flags)
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(folder, "self.bin", RawFile.Filled(0x1000 | RawFile.All));

        CliRun run = await CliRun.OfAsync(["walk", path, .. At, .. flags]);

        Assert.Equal(1, run.Exit);
        Assert.Equal(11, run.ErrorLines.Length);
        Assert.All(run.ErrorLines.Take(10), l => Assert.Contains("cycle", l, StringComparison.Ordinal));
        Assert.Contains("512", run.ErrorLines[10], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_points_to_itself_translates_to_itself()
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(folder, "self.bin", RawFile.Filled(0x1000 | RawFile.All));

        CliRun run = await CliRun.OfAsync(["translate", path, .. At, "0x123456", "-o", "jsonl"]);

        Assert.Equal(0, run.Exit);
        using JsonDocument answer = JsonDocument.Parse(run.Output);
        Assert.Equal("0x1456", answer.RootElement.GetProperty("hpa").GetString());
    }

    [Fact]
    public async Task Tables_that_share_tables_are_cut_at_the_bound()
    {
        using var folder = new TempFolder();
        string path = RawFile.WriteShared(folder);

        CliRun leaves = await CliRun.OfAsync(["walk", path, .. At, "--leaves", "-o", "tsv", "--max-rows", "100000"]);
        CliRun ranges = await CliRun.OfAsync(["walk", path, .. At, "--ranges", "-o", "tsv", "--max-rows", "100000"]);

        Assert.Equal((3, 100_001), (leaves.Exit, leaves.Lines.Length));
        Assert.Equal((3, 100_001), (ranges.Exit, ranges.Lines.Length));
    }

    [Fact]
    public async Task An_overview_of_tables_that_share_tables_counts_all_and_shows_some()
    {
        using var folder = new TempFolder();
        string path = RawFile.WriteShared(folder);

        CliRun run = await CliRun.OfAsync(["walk", path, .. At, "-o", "json"]);

        Assert.Equal(0, run.Exit);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement root = document.RootElement.GetProperty("roots")[0];
        Assert.Equal(1L << 36, root.GetProperty("counts")[3].GetProperty("leaves").GetInt64());
        Assert.True(root.GetProperty("cut").GetBoolean());
        Assert.Equal(4, root.GetProperty("table_pages").GetInt32());
    }

    [Fact]
    public async Task A_table_that_is_missing_in_very_many_places_ends_the_listing()
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(
            folder,
            "missing.bin",
            RawFile.Filled(0x2000 | RawFile.All),
            RawFile.Filled(0x3000 | RawFile.All),
            RawFile.Filled(0x9000 | RawFile.All));

        CliRun listing = await CliRun.OfAsync(["walk", path, .. At, "--leaves", "-o", "tsv"]);
        CliRun overview = await CliRun.OfAsync(["walk", path, .. At]);

        Assert.Equal(3, listing.Exit);
        Assert.Single(listing.Lines);
        Assert.Equal(1, overview.Exit);
        Assert.Contains("134217728", overview.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_table_is_told_and_the_listing_goes_on()
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(
            folder,
            "hole.bin",
            RawFile.Sparse((0, 0x2000 | RawFile.All)),
            RawFile.Sparse((0, 0x3000 | RawFile.All)),
            RawFile.Sparse((0, 0x9000 | RawFile.All), (1, 0x4000_0000 | 0x80 | 0x30 | RawFile.All)));

        CliRun run = await CliRun.OfAsync(["walk", path, .. At, "--leaves", "-o", "tsv"]);

        Assert.Equal(1, run.Exit);
        Assert.Equal("0x1000\t0x200000\t0x40000000\t0x200000\t2\t0x400000b7\tRWX\tWB\tleaf\t-", run.Lines[1]);
        string told = Assert.Single(run.ErrorLines);
        Assert.Contains("0x9000 is not in memory", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--leaves")]
    [InlineData("--ranges")]
    [InlineData("--special")]
    public async Task A_missing_root_is_a_finding(params string[] flags)
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(folder, "page.bin", RawFile.Sparse());

        CliRun run = await CliRun.OfAsync(["walk", path, "--format", "ept", "--root", "0x7000", .. flags]);

        Assert.Equal(1, run.Exit);
        Assert.Contains("root 0x7000: the table is not in memory", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }
}

using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class BadImageTests
{
    private const string Good =
        """{"format":"ept","parameters":{"maxphyaddr":40},"roots":[{"name":"r","hpa":"0x14aa62000","levels":4}]}""";

    [Theory]
    [InlineData("\"maxphyaddr\":40", "\"maxphyaddr\":99", "parameter 'maxphyaddr' takes 32 to 52, not '99'")]
    [InlineData("\"maxphyaddr\":40", "\"maxphyaddr\":\"wide\"", "parameter 'maxphyaddr' takes 32 to 52, not 'wide'")]
    [InlineData("\"maxphyaddr\":40", "\"maxphyaddr\":null", "parameter 'maxphyaddr' takes 32 to 52, not 'null'")]
    [InlineData("\"maxphyaddr\":40", "\"page_2m\":[1]", "parameter 'page_2m' takes true or false")]
    [InlineData("\"maxphyaddr\":40", "\"ept_vpid_cap\":true", "parameter register 'ept_vpid_cap': 'true' is not a number")]
    [InlineData("\"format\":\"ept\"", "\"format\":\"amdv1x\"", "unknown format 'amdv1x'")]
    [InlineData("\"levels\":4", "\"levels\":3", "no walk of 3 levels")]
    [InlineData("0x14aa62000", "0x14aa62001", "not aligned")]
    [InlineData("}]}", "}]", "capture.json")]
    public async Task A_bad_description_is_bad_input(string from, string to, string message)
    {
        using var folder = new TempFolder();
        string image = Capture.CopyTo(folder, "ept-default", Good.Replace(from, to, StringComparison.Ordinal));

        CliRun run = await CliRun.OfAsync("walk", image, "--leaves", "-o", "tsv");

        run.AssertFailed(3, message);
    }

    [Fact]
    public async Task A_capture_without_a_root_is_bad_input_unless_a_root_is_said()
    {
        using var folder = new TempFolder();
        string image = Capture.CopyTo(folder, "ept-default", """{"format":"ept","parameters":{"maxphyaddr":40},"roots":[]}""");

        CliRun none = await CliRun.OfAsync("walk", image);
        CliRun said = await CliRun.OfAsync("walk", image, "--root", "0x14aa62000");

        none.AssertFailed(3, "has an empty list of roots");
        Assert.Equal((0, ""), (said.Exit, said.Errors));
    }

    [Fact]
    public async Task The_description_that_the_bad_ones_are_made_from_is_good()
    {
        using var folder = new TempFolder();

        CliRun run = await CliRun.OfAsync("walk", Capture.CopyTo(folder, "ept-default", Good), "--leaves", "-o", "tsv");

        Assert.Equal(Capture.Expected("ept-default", "expected.tsv"), run.OutputBytes);
    }

    [Theory]
    [InlineData("\"maxphyaddr\":40", "\"maxphyaddr\":\"0x28\"")]
    [InlineData("\"maxphyaddr\":40", "\"maxphyaddr\":40,\"eptp\":\"0x5e\",\"colour\":[\"blue\"],\"levels\":9")]
    [InlineData("\"maxphyaddr\":40", "\"maxphyaddr\":40,\"accessed_dirty\":1")]
    public async Task Parameters_may_be_written_in_other_ways_and_unknown_ones_inform(string from, string to)
    {
        using var folder = new TempFolder();
        string image = Capture.CopyTo(folder, "ept-default", Good.Replace(from, to, StringComparison.Ordinal));

        CliRun run = await CliRun.OfAsync("walk", image, "--leaves", "-o", "tsv");

        Assert.Equal(Capture.Expected("ept-default", "expected.tsv"), run.OutputBytes);
    }

    [Fact]
    public async Task A_root_of_five_levels_shows_that_the_machine_has_them()
    {
        using var folder = new TempFolder();
        string image = Capture.CopyTo(
            folder, "ept-default", Good.Replace("\"levels\":4", "\"levels\":5", StringComparison.Ordinal));

        CliRun run = await CliRun.OfAsync("walk", image);
        CliRun denied = await CliRun.OfAsync("walk", image, "--set", "walk_5=0");

        Assert.Contains("walk_5", run.Lines[2].Split("; without")[0], StringComparison.Ordinal);
        Assert.Contains("5 levels, 57-bit addresses", run.Output, StringComparison.Ordinal);
        denied.AssertFailed(2, "no walk of 5 levels under these capabilities; there are: 4");
    }

    [Fact]
    public async Task Changed_tables_are_bad_input()
    {
        using var folder = new TempFolder();
        string image = Capture.CopyTo(folder, "ept-huge");
        byte[] tables = await File.ReadAllBytesAsync(Path.Combine(image, "tables.bin"));
        tables[100] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(image, "tables.bin"), tables);

        CliRun run = await CliRun.OfAsync("walk", image);

        run.AssertFailed(3, "SHA-256");
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_bad_input()
    {
        using var folder = new TempFolder();

        CliRun run = await CliRun.OfAsync("translate", folder.File("none"), "0x1000");

        run.AssertFailed(3, "no such file");
    }
}

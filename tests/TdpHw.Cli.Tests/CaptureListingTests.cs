using System.Globalization;
using System.Text.Json;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class CaptureListingTests
{
    public static TheoryData<string> Captures => [.. Capture.Names];

    [Theory]
    [MemberData(nameof(Captures))]
    public async Task Leaves_are_those_that_the_kernel_wrote(string capture)
    {
        using var folder = new TempFolder();
        CliRun run = await CliRun.OfAsync("walk", Capture.CopyTo(folder, capture), "--leaves", "-o", "tsv");

        Assert.Equal(Capture.Expected(capture, "expected.tsv"), run.OutputBytes);
        Assert.Equal("", run.Errors);
        Assert.Equal(0, run.Exit);
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public async Task Special_entries_are_those_that_the_kernel_wrote(string capture)
    {
        using var folder = new TempFolder();
        CliRun run = await CliRun.OfAsync("walk", Capture.CopyTo(folder, capture), "--special", "-o", "tsv");

        Assert.Equal(Capture.Expected(capture, "special.tsv"), run.OutputBytes);
        Assert.Equal("", run.Errors);
        Assert.Equal(0, run.Exit);
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public async Task Ranges_cover_the_leaves_and_nothing_else(string capture)
    {
        CliRun run = await CliRun.OfAsync("walk", Capture.File(capture, ""), "--ranges", "-o", "tsv");

        Assert.Equal("root\taddress\thpa\tsize\tperms\tmemtype\tleaves", run.Lines[0]);
        var pages = new HashSet<(string Root, ulong Address, ulong Output, string Perms, string MemoryType)>();
        foreach (string[] leaf in Rows(Capture.Expected(capture, "expected.tsv")))
        {
            AddPages(pages, leaf[0], Hex(leaf[1]), Hex(leaf[2]), Hex(leaf[3]), leaf[6], leaf[7]);
        }

        var covered = new HashSet<(string Root, ulong Address, ulong Output, string Perms, string MemoryType)>();
        string[]? previous = null;
        foreach (string[] range in run.Lines.Skip(1).Select(l => l.Split('\t')))
        {
            AddPages(covered, range[0], Hex(range[1]), Hex(range[2]), Hex(range[3]), range[4], range[5]);
            Assert.False(previous is not null && Continues(previous, range), "neighbours that are alike are one range");
            previous = range;
        }

        Assert.True(pages.SetEquals(covered));
        long leaves = run.Lines.Skip(1).Sum(l => long.Parse(l.Split('\t')[6], CultureInfo.InvariantCulture));
        Assert.Equal(Rows(Capture.Expected(capture, "expected.tsv")).Count(), leaves);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("jsonl")]
    public async Task Json_says_the_same_as_columns(string form)
    {
        foreach (string flag in (string[])["--leaves", "--special"])
        {
            CliRun run = await CliRun.OfAsync("walk", Capture.File("ept-noad", ""), flag, "-o", form);

            string json = form == "json" ? run.Output : $"[{string.Join(',', run.Lines)}]";
            using JsonDocument document = JsonDocument.Parse(json);
            string[] rows = [.. document.RootElement.EnumerateArray().Select(AsColumns)];
            byte[] expected = Capture.Expected("ept-noad", flag == "--leaves" ? "expected.tsv" : "special.tsv");
            Assert.Equal(Rows(expected).Select(r => string.Join('\t', r)), rows);
        }
    }

    [Fact]
    public async Task Text_has_a_line_for_each_leaf_under_its_root()
    {
        CliRun run = await CliRun.OfAsync("walk", Capture.File("ept-huge", ""), "--leaves");

        Assert.Equal("root 0x14a995000 (as_id 0)", run.Lines[0]);
        string[][] expected = [.. Rows(Capture.Expected("ept-huge", "expected.tsv"))];
        Assert.Equal(expected.Length, run.Lines.Length - 1);
        foreach ((string[] row, string line) in expected.Zip(run.Lines.Skip(1)))
        {
            Assert.All([row[1], row[2], row[5], row[6], row[7]], word => Assert.Contains(word, line, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_root_can_be_named_by_address_or_by_name()
    {
        string[] rows = [.. Rows(Capture.Expected("vtd-ss-48-scalable", "expected.tsv"))
            .Where(r => r[0] == "0xe4ff000")
            .Select(r => string.Join('\t', r))];
        foreach (string root in (string[])["0xe4ff000", "00:1f.2", "240119808"])
        {
            CliRun run = await CliRun.OfAsync(
                "walk", Capture.File("vtd-ss-48-scalable", ""), "--leaves", "-o", "tsv", "--root", root);

            Assert.Equal(rows, run.Lines.Skip(1));
        }
    }

    [Fact]
    public async Task Without_an_overlay_nothing_has_a_meaning()
    {
        CliRun run = await CliRun.OfAsync("walk", Capture.File("ept-default", ""), "--special", "-o", "tsv", "--overlay", "none");

        Assert.Equal(7, run.Lines.Length - 1);
        Assert.All(run.Lines.Skip(1), line => Assert.EndsWith("\tmisconfigured\t-", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Settings_outweigh_what_the_capture_says()
    {
        CliRun run = await CliRun.OfAsync(
            "walk", Capture.File("ept-huge", ""), "--special", "-o", "tsv", "--set", "page_2m=false", "--set", "page_1g=0");

        Assert.Contains(run.Lines, l => l.Split('\t')[4] == "2" && l.EndsWith("\tmisconfigured\t-", StringComparison.Ordinal));
        Assert.Contains(run.Lines, l => l.Split('\t')[4] == "3" && l.EndsWith("\tmisconfigured\t-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_whole_register_sets_what_it_holds_and_later_settings_outweigh_it()
    {
        string image = Capture.File("ept-huge", "");
        CliRun without = await CliRun.OfAsync("walk", image, "-o", "json", "--set", "ept_vpid_cap=0x0");
        CliRun with = await CliRun.OfAsync(
            "walk", image, "-o", "json", "--set", "ia32_vmx_ept_vpid_cap=0", "--set", "page_2m=true");

        Assert.Equal("40 False False False False False", CapabilitiesOf(without));
        Assert.Equal("40 True False False False False", CapabilitiesOf(with));
    }

    [Fact]
    public async Task Capabilities_come_from_registers_and_names_in_that_order()
    {
        // accessed_dirty is on in the register of this capture and off in use.
        CliRun run = await CliRun.OfAsync("walk", Capture.File("ept-noad", ""), "-o", "json");

        Assert.Equal("40 True True True False False", CapabilitiesOf(run));
    }

    [Fact]
    public async Task Rows_before_a_bound_are_printed()
    {
        CliRun run = await CliRun.OfAsync("walk", Capture.File("ept-default", ""), "--leaves", "-o", "tsv", "--max-rows", "5");

        Assert.Equal(6, run.Lines.Length);
        Assert.Equal(3, run.Exit);
        Assert.Contains("--max-rows", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bound_that_is_just_reached_cuts_nothing()
    {
        CliRun run = await CliRun.OfAsync(
            "walk", Capture.File("ept-default", ""), "--leaves", "-o", "tsv", "--max-rows", "1732");

        Assert.Equal(Capture.Expected("ept-default", "expected.tsv"), run.OutputBytes);
        Assert.Equal(0, run.Exit);
    }

    [Fact]
    public async Task A_cut_json_listing_is_still_json()
    {
        CliRun run = await CliRun.OfAsync("walk", Capture.File("ept-default", ""), "--ranges", "-o", "json", "--max-rows", "5");

        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(5, document.RootElement.EnumerateArray().Sum(r => r.GetProperty("leaves").GetInt32()));
        Assert.Equal(3, run.Exit);
    }

    private static string CapabilitiesOf(CliRun run)
    {
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement capabilities = document.RootElement.GetProperty("capabilities");
        return string.Join(
            ' ',
            ((string[])["maxphyaddr", "page_2m", "page_1g", "exec_only", "walk_5", "accessed_dirty"])
            .Select(n => capabilities.GetProperty(n).ToString()));
    }

    private static IEnumerable<string[]> Rows(byte[] tsv) =>
        System.Text.Encoding.UTF8.GetString(tsv).TrimEnd('\n').Split('\n').Skip(1).Select(l => l.Split('\t'));

    private static string AsColumns(JsonElement row) => string.Join(
        '\t', row.EnumerateObject().Select(p => p.Value.ValueKind == JsonValueKind.Null ? "-" : p.Value.ToString()));

    private static ulong Hex(string text) =>
        ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static bool Continues(string[] left, string[] right) =>
        left[0] == right[0]
        && Hex(left[1]) + Hex(left[3]) == Hex(right[1])
        && Hex(left[2]) + Hex(left[3]) == Hex(right[2])
        && left[4] == right[4]
        && left[5] == right[5];

    private static void AddPages(
        HashSet<(string Root, ulong Address, ulong Output, string Perms, string MemoryType)> pages,
        string root,
        ulong address,
        ulong output,
        ulong size,
        string perms,
        string memoryType)
    {
        for (ulong offset = 0; offset < size; offset += 4096)
        {
            Assert.True(pages.Add((root, address + offset, output + offset, perms, memoryType)));
        }
    }
}

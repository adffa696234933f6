using System.Text.Json;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class CheckTests
{
    private static readonly string Sample = Capture.File("ept-default", "");

    [Theory]
    [InlineData("snoop_control=false", 1732)]
    [InlineData("snoop_control=true", 0)]
    [InlineData("ecap=0xf00f4a", 1732)]
    [InlineData("ecap=0xf00fca", 0)]
    public async Task Mainline_tables_keep_bit_11_where_the_unit_wants_zero(string setting, int leaves)
    {
        using JsonDocument answer = await AskAsync(1, Sample, "--importer", "vtd-ss", "--set", setting);

        Assert.False(answer.RootElement.GetProperty("shareable").GetBoolean());
        Assert.Equal(39, Sum(answer, "reserved-bit", 11, "table", "count"));
        Assert.Equal(leaves, Sum(answer, "reserved-bit", 11, "leaf", "count"));
        Assert.Equal(2, Sum(answer, "reserved-bit", 11, "table", "reachable"));
        Assert.Equal(0, Sum(answer, "reserved-bit", 11, "leaf", "reachable"));
    }

    [Theory]
    [InlineData(39, 0)]
    [InlineData(40, 5)]
    [InlineData(44, 5)]
    [InlineData(45, 7)]
    public async Task Emulated_mmio_would_be_mapped_where_its_address_fits(int haw, int expected)
    {
        using JsonDocument answer = await AskAsync(1, Sample, "--importer", "vtd-ss", "--set", $"haw={haw}");

        Assert.Equal(expected, Sum(answer, "unwanted-mapping", null, "leaf", "count"));
        Assert.Equal(0, Sum(answer, "unwanted-mapping", null, "leaf", "reachable"));
        string[] mmio =
        [
            .. System.Text.Encoding.UTF8.GetString(Capture.Expected("ept-default", "special.tsv"))
                .TrimEnd('\n').Split('\n').Skip(1).Select(l => l.Split('\t')[1]),
        ];
        Assert.Equal(mmio[..expected], Entries(answer, "unwanted-mapping").Select(e => e.GetProperty("address").GetString()));
    }

    [Theory]
    [InlineData("vtd-ss-48")]
    [InlineData("vtd-ss-48-scalable")]
    public async Task A_unit_can_walk_its_own_tables(string capture)
    {
        using JsonDocument answer = await AskAsync(
            0,
            Capture.File(capture, ""),
            "--importer", "vtd-ss",
            "--set", $"cap={Capture.Parameter(capture, "cap")}",
            "--set", $"ecap={Capture.Parameter(capture, "ecap")}",
            "--set", $"haw={Capture.Parameter(capture, "haw")}");

        Assert.True(answer.RootElement.GetProperty("shareable").GetBoolean());
        Assert.Empty(answer.RootElement.GetProperty("entries").EnumerateArray());
        Assert.Empty(answer.RootElement.GetProperty("reasons").EnumerateArray());
    }

    [Fact]
    public async Task The_document_has_its_keys_in_their_order_and_form()
    {
        using JsonDocument answer = await AskAsync(1, Sample, "--importer", "vtd-ss", "--set", "snoop_control=0");
        JsonElement root = answer.RootElement;

        Assert.Equal(["shareable", "assumptions", "reasons", "entries"], Names(root));
        JsonElement assumptions = root.GetProperty("assumptions");
        Assert.Equal(
            ["exporter", "overlay", "importer", "exporter_capabilities", "importer_capabilities", "haw"], Names(assumptions));
        Assert.Equal("kvm-ept:low", assumptions.GetProperty("overlay").GetString());
        Assert.Equal(40, assumptions.GetProperty("haw").GetInt32());
        Assert.False(assumptions.GetProperty("importer_capabilities").GetProperty("snoop_control").GetBoolean());
        Assert.All(
            root.GetProperty("reasons").EnumerateArray(),
            r => Assert.Equal(["code", "bit", "level", "kind", "count", "reachable", "cure"], Names(r)));
        Assert.All(
            root.GetProperty("entries").EnumerateArray(),
            e => Assert.Equal(["root", "address", "level", "entry", "reason"], Names(e)));

        // All three tell of the same entries.
        Assert.Equal(39 + 1732 + 5, root.GetProperty("entries").GetArrayLength());
        Assert.Equal(
            Entries(answer, "reserved-bit 11").Count(),
            Sum(answer, "reserved-bit", 11, "table", "count") + Sum(answer, "reserved-bit", 11, "leaf", "count"));
        Assert.All(root.GetProperty("entries").EnumerateArray(), e =>
        {
            Assert.Equal("0x14aa62000", e.GetProperty("root").GetString());
            Assert.StartsWith("0x", e.GetProperty("entry").GetString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_width_that_is_said_is_no_assumption()
    {
        using JsonDocument answer = await AskAsync(1, Sample, "--importer", "vtd-ss", "--set", "haw=40");

        Assert.False(answer.RootElement.GetProperty("assumptions").TryGetProperty("haw", out _));
    }

    [Fact]
    public async Task An_entry_names_every_bit_at_fault()
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(
            folder,
            "two.bin",
            RawFile.Sparse((0, 0x1000 | RawFile.All)),
            RawFile.Sparse((0, 0x2000 | RawFile.All)),
            RawFile.Sparse((0, 0x3000 | RawFile.All)),
            RawFile.Sparse((7, 0x5000 | 0x30 | RawFile.All | 1ul << 11 | 1ul << 62)));

        using JsonDocument answer = await AskAsync(
            1, path, "--format", "ept", "--root", "0", "--importer", "vtd-ss", "--set", "snoop_control=false");

        JsonElement entry = Assert.Single(answer.RootElement.GetProperty("entries").EnumerateArray());
        Assert.Equal("reserved-bit 11, reserved-bit 62", entry.GetProperty("reason").GetString());
        Assert.Equal(("0x7000", 1), (entry.GetProperty("address").GetString(), entry.GetProperty("level").GetInt32()));
        Assert.Equal(1, Sum(answer, "reserved-bit", 62, "leaf", "reachable"));

        // A raw file tells nothing: the exporter is taken at its defaults, and the importer's width from there.
        Assert.Equal(46, answer.RootElement.GetProperty("assumptions").GetProperty("haw").GetInt32());
    }

    [Fact]
    public async Task Text_begins_with_the_verdict_and_parts_what_is_from_what_could_be()
    {
        CliRun run = await CliRun.OfAsync("check", Sample, "--importer", "vtd-ss", "--set", "snoop_control=false");

        Assert.Equal((1, ""), (run.Exit, run.Errors));
        Assert.Equal("No: vtd-ss can't walk these ept tables as they are.", run.Lines[0]);
        string[] parts = run.Output.Split("\n\n");
        Assert.StartsWith("In the way:\n", parts[1], StringComparison.Ordinal);
        Assert.Contains("bit 11, reserved in vtd-ss: 39 table entries (levels 2, 3, 4) and 1,732 leaves", parts[1], StringComparison.Ordinal);
        Assert.Contains("cure (leaves): import with snoop_control on", parts[1], StringComparison.Ordinal);
        Assert.Contains("0x70000000 -W- mmio", parts[1], StringComparison.Ordinal);
        Assert.StartsWith("Possible by definition, in no entry here:\n  bit 62", parts[2], StringComparison.Ordinal);
        Assert.Contains("haw 40 is the exporter's address width", parts[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_says_yes_in_a_sentence()
    {
        CliRun run = await CliRun.OfAsync(
            "check", Capture.File("vtd-ss-48", ""), "--importer", "vtd-ss", "--set", "cap=0x00d2008c222f0686", "--set", "ecap=0xf00fca");

        Assert.Equal(0, run.Exit);
        Assert.Equal("Yes: vtd-ss can walk these tables as they are.", run.Lines[0]);
        Assert.DoesNotContain("In the way", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_and_lines_tell_what_the_document_tells()
    {
        string[] args = [Sample, "--importer", "vtd-ss", "--set", "snoop_control=false"];
        using JsonDocument document = await AskAsync(1, args);
        CliRun tsv = await CliRun.OfAsync(["check", .. args, "-o", "tsv"]);
        CliRun lines = await CliRun.OfAsync(["check", .. args, "-o", "jsonl"]);

        JsonElement[] reasons = [.. document.RootElement.GetProperty("reasons").EnumerateArray()];
        Assert.Equal((1, "code\tbit\tlevel\tkind\tcount\treachable\tcure"), (tsv.Exit, tsv.Lines[0]));
        Assert.Equal(
            reasons.Select(r => string.Join('\t', r.EnumerateObject().Select(
                p => p.Value.ValueKind == JsonValueKind.Null ? "-" : p.Value.ToString()))),
            tsv.Lines.Skip(1));
        Assert.Equal(1, lines.Exit);
        Assert.Equal(["shareable", "assumptions"], Names(JsonDocument.Parse(lines.Lines[0]).RootElement));
        Assert.Equal(
            reasons.Concat(document.RootElement.GetProperty("entries").EnumerateArray()).Select(e => JsonSerializer.Serialize(e)),
            lines.Lines.Skip(1).Select(l => JsonSerializer.Serialize(JsonDocument.Parse(l).RootElement)));
    }

    [Theory]
    [InlineData(0x9000ul, "not in memory")]
    [InlineData(0x0ul, "on their own path")]
    public async Task What_could_not_be_judged_can_not_be_shared(ulong table, string why)
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(folder, "hole.bin", RawFile.Sparse((0, table | RawFile.All)));
        string[] args = [path, "--format", "ept", "--root", "0", "--importer", "vtd-ss"];

        CliRun text = await CliRun.OfAsync(["check", .. args]);
        CliRun json = await CliRun.OfAsync(["check", .. args, "-o", "json"]);

        Assert.Equal((1, 1), (text.Exit, json.Exit));
        Assert.StartsWith("No: some of these ept tables could not be judged", text.Output, StringComparison.Ordinal);
        Assert.Contains($"Not judged: 1 table ({why}", text.Output, StringComparison.Ordinal);
        Assert.Contains("not all could be judged", json.Errors, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.False(document.RootElement.GetProperty("shareable").GetBoolean());
    }

    [Fact]
    public async Task Tables_without_entries_are_judged_by_the_definitions()
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(folder, "empty.bin", RawFile.Sparse());

        CliRun no = await CliRun.OfAsync("check", path, "--format", "ept", "--root", "0", "--importer", "vtd-ss");
        CliRun yes = await CliRun.OfAsync("check", path, "--format", "vtd-ss", "--root", "0", "--importer", "vtd-ss");

        Assert.Equal((1, 0), (no.Exit, yes.Exit));
        Assert.Contains("There is no entry", no.Output, StringComparison.Ordinal);
        Assert.Contains("Possible by definition", no.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_does_not_end_is_cut_without_an_answer()
    {
        using var folder = new TempFolder();
        string path = RawFile.WriteShared(folder);

        CliRun run = await CliRun.OfAsync(
            "check", path, "--base", "0x1000", "--format", "ept", "--root", "0x1000", "--importer", "vtd-ss", "--max-rows", "2047");

        run.AssertFailed(3, "the check is cut after 2047 entries; allow more with --max-rows");
    }

    [Fact]
    public async Task Tables_that_every_entry_leads_to_are_judged_once()
    {
        using var folder = new TempFolder();
        string path = RawFile.WriteShared(folder);

        CliRun run = await CliRun.OfAsync(
            "check", path, "--base", "0x1000", "--format", "ept", "--root", "0x1000", "--importer", "vtd-ss", "--max-rows", "2048");

        Assert.Equal(0, run.Exit);
        Assert.Contains("2,048 entries were judged", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "unknown format 'vtd-s'; did you mean 'vtd-ss'", "IMAGE", "--importer", "vtd-s")]
    [InlineData(2, "'--importer' is required", "IMAGE")]
    [InlineData(2, "unknown capability 'maxphyaddr'", "IMAGE", "--importer", "vtd-ss", "--set", "maxphyaddr=40")]
    [InlineData(2, "'haw' takes 32 to 52", "IMAGE", "--importer", "vtd-ss", "--set", "haw=60")]
    [InlineData(2, "unknown output 'xml'", "IMAGE", "--importer", "vtd-ss", "-o", "xml")]
    [InlineData(3, "no such file", "NONE", "--importer", "vtd-ss")]
    public async Task A_wrong_question_says_what_is_wrong(int exit, string message, params string[] args)
    {
        CliRun run = await CliRun.OfAsync(["check", .. args.Select(a => a == "IMAGE" ? Sample : a)]);

        run.AssertFailed(exit, message);
    }

    private static async Task<JsonDocument> AskAsync(int exit, params string[] args)
    {
        CliRun run = await CliRun.OfAsync(["check", .. args, "-o", "json"]);
        Assert.Equal((exit, ""), (run.Exit, run.Errors));
        return JsonDocument.Parse(run.Output);
    }

    private static int Sum(JsonDocument answer, string code, int? bit, string kind, string number) =>
        answer.RootElement.GetProperty("reasons").EnumerateArray()
            .Where(r => r.GetProperty("code").GetString() == code
                && (bit is int b ? r.GetProperty("bit").GetInt32() == b : r.GetProperty("bit").ValueKind == JsonValueKind.Null)
                && r.GetProperty("kind").GetString() == kind)
            .Sum(r => r.GetProperty(number).GetInt32());

    private static IEnumerable<JsonElement> Entries(JsonDocument answer, string reason) =>
        answer.RootElement.GetProperty("entries").EnumerateArray().Where(e => e.GetProperty("reason").GetString() == reason);

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(p => p.Name);
}

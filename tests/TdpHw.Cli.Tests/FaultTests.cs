using System.Text.Json;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class FaultTests
{
    private const string Line =
        "DMAR: [DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x0 [fault reason 0x05] PTE Write access is not set";

    private const string Old =
        "[    4.52] DMAR: [DMA Read] Request device [02:00.0] PASID ffffffff fault addr ffdff000 [fault reason 06] PTE Read access is not set";

    private const string Scalable =
        "DMAR: [DMA Read PASID 0x1] Request device [6a:01.0] fault addr 0x7f1000 [fault reason 0x79] SM: Read/Write permission error";

    [Fact]
    public async Task A_pasted_line_is_explained()
    {
        CliRun quoted = await CliRun.OfAsync("explain", "--dmar", Line);
        CliRun words = await CliRun.OfAsync(["explain", "--dmar", .. Line.Split(' ')]);

        Assert.Equal((0, "", 2), (quoted.Exit, quoted.Errors, quoted.Lines.Length));
        Assert.StartsWith("00:1a.0 write 0x0: fault 0x05, an entry on the path of a write does not allow writes", quoted.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith("  The driver did not map the address", quoted.Lines[1], StringComparison.Ordinal);
        Assert.Equal(quoted.Output, words.Output);
    }

    [Theory]
    [InlineData]
    [InlineData("-")]
    public async Task Lines_of_the_standard_input_are_answered_in_their_place(params string[] more)
    {
        string input = string.Join('\n', Line, "", "DMAR: DRHD: handling fault status reg 3", Old, Scalable);

        CliRun run = await CliRun.WithInputAsync(input, ["explain", "--dmar", .. more, "-o", "jsonl"]);

        Assert.Equal((0, "", 4), (run.Exit, run.Errors, run.Lines.Length));
        JsonElement[] answers = [.. run.Lines.Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal(
            ["device", "access", "address", "pasid", "reason", "meaning", "hint"],
            answers[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal("error", Assert.Single(answers[1].EnumerateObject()).Name);
        Assert.Equal(
            ["00:1a.0 write 0x0  0x05", "02:00.0 read 0xffdff000  0x06", "6a:01.0 read 0x7f1000 1 0x79"],
            answers.Where(a => a.TryGetProperty("device", out _)).Select(a => string.Join(
                ' ', ((string[])["device", "access", "address", "pasid", "reason"]).Select(n => a.GetProperty(n).ToString()))));
    }

    [Fact]
    public async Task A_line_that_tells_of_no_fault_is_an_error_in_its_place()
    {
        CliRun text = await CliRun.WithInputAsync($"eth0: link\u001b[31m up\n{Line}", "explain", "--dmar");
        CliRun tsv = await CliRun.WithInputAsync($"eth0: link up\n{Line}", "explain", "--dmar", "-o", "tsv");

        Assert.Equal((0, "error: no line of a DMA fault: 'eth0: link [31m up'"), (text.Exit, text.Lines[0]));
        Assert.StartsWith("00:1a.0 write 0x0: fault 0x05", text.Lines[1], StringComparison.Ordinal);
        Assert.Equal("device\taccess\taddress\tpasid\treason\tmeaning", tsv.Lines[0]);
        Assert.StartsWith("-\terror\t", tsv.Lines[1], StringComparison.Ordinal);
        Assert.StartsWith("00:1a.0\twrite\t0x0\t-\t0x05\tan entry", tsv.Lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_broken_before_its_reason_is_one_line()
    {
        const string Broken = "DMAR: [DMA Read NO_PASID] Request device [00:0d.0] fault addr 0x1154e1000";

        CliRun joined = await CliRun.WithInputAsync($"{Broken}\n   [fault reason 0x06]\n{Line}", "explain", "--dmar");
        CliRun lost = await CliRun.WithInputAsync($"{Broken}\n{Line}\n{Broken}", "explain", "--dmar");
        CliRun argument = await CliRun.OfAsync("explain", "--dmar", $"{Broken}\n [fault reason 0x06]");

        Assert.StartsWith("00:0d.0 read 0x1154e1000: fault 0x06", joined.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith("00:1a.0 write", joined.Lines[2], StringComparison.Ordinal);
        Assert.Equal(["error", "00:1a", "  The", "error"], lost.Lines.Select(l => l[..5]));
        Assert.Equal(joined.Lines[..2], argument.Lines);
    }

    [Fact]
    public async Task A_reason_that_no_manual_lists_is_said_to_be_unknown()
    {
        string line = Line.Replace("0x05", "0xee", StringComparison.Ordinal);

        CliRun text = await CliRun.OfAsync("explain", "--dmar", line);
        CliRun json = await CliRun.OfAsync("explain", "--dmar", line, "-o", "json");

        Assert.Equal("00:1a.0 write 0x0: fault 0xee, a reason that is not known", Assert.Single(text.Lines));
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("meaning").ValueKind);
    }

    [Fact]
    public async Task An_image_shows_the_entry_at_fault()
    {
        string line = Line
            .Replace("00:1a.0", "00:03.0", StringComparison.Ordinal)
            .Replace("addr 0x0", "addr 0x12345000", StringComparison.Ordinal);
        string input = string.Join('\n', line, Line, Scalable);
        string[] args = ["explain", "--dmar", "--image", Capture.File("vtd-ss-48", "")];

        CliRun text = await CliRun.WithInputAsync(input, args);
        CliRun json = await CliRun.WithInputAsync(input, [.. args, "-o", "jsonl"]);

        Assert.Equal((0, 0), (text.Exit, json.Exit));
        Assert.StartsWith("  in the image: fault 0x05, ", text.Lines[2], StringComparison.Ordinal);
        Assert.EndsWith("; SS-PDPE 0x0 at 0xe4d4000 (level 3)", text.Lines[2], StringComparison.Ordinal);
        Assert.Contains("in the image: fault 0x02, the context entry", text.Lines[5], StringComparison.Ordinal);
        Assert.Equal("  in the image: requests with a PASID are not looked up", text.Lines[8]);
        using JsonDocument answer = JsonDocument.Parse(json.Lines[0]);
        JsonElement image = answer.RootElement.GetProperty("image");
        Assert.Equal(("fault", "0xe4d4000"), (image.GetProperty("result").GetString(), image.GetProperty("entry_address").GetString()));
    }

    [Theory]
    [InlineData("no --stdin", "--dmar", "--stdin")]
    [InlineData("are for the tables of --image", "--dmar", "--set", "haw=40")]
    [InlineData("are for --dmar", "ept", "0x0", "--image", "x")]
    [InlineData("holds ept tables", "--dmar", "--image", "EPT")]
    [InlineData("did you mean '--dmar'", "--dmra")]
    public async Task A_wrong_question_says_what_is_wrong(string message, params string[] args)
    {
        CliRun run = await CliRun.OfAsync(
            ["explain", .. args.Select(a => a == "EPT" ? Capture.File("ept-default", "") : a)]);

        run.AssertFailed(2, message);
    }
}

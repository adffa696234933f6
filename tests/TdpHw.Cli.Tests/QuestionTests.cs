using System.Text;
using System.Text.Json;
using TdpHw.Cli.Explaining;
using TdpHw.Cli.Input;
using TdpHw.Cli.Output;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class QuestionTests
{
    private const string Good = """{"format":"ept","level":1,"raw":"0x148504037"}""";

    [Theory]
    [InlineData("", "the line is empty")]
    [InlineData(" \t", "the line is empty")]
    [InlineData("hello", "JSON")]
    [InlineData("{\"format\":\"ept\"", "JSON")]
    [InlineData("{} {}", "JSON")]
    [InlineData("[]", "a question is a JSON object")]
    [InlineData("null", "a question is a JSON object")]
    [InlineData("{}", "no \\\"format\\\"")]
    [InlineData("{\"format\":1,\"level\":1,\"raw\":\"0x0\"}", "\\\"format\\\" is a string")]
    [InlineData("{\"format\":\"etp\",\"level\":1,\"raw\":\"0x0\"}", "did you mean 'ept'")]
    [InlineData("{\"format\":\"ept\",\"raw\":\"0x0\"}", "no \\\"level\\\"")]
    [InlineData("{\"format\":\"ept\",\"level\":6,\"raw\":\"0x0\"}", "levels 1 to 5, not 6")]
    [InlineData("{\"format\":\"ept\",\"level\":0,\"raw\":\"0x0\"}", "levels 1 to 5, not 0")]
    [InlineData("{\"format\":\"ept\",\"level\":1.5,\"raw\":\"0x0\"}", "\\\"level\\\" is an integer")]
    [InlineData("{\"format\":\"ept\",\"level\":\"1\",\"raw\":\"0x0\"}", "\\\"level\\\" is an integer")]
    [InlineData("{\"format\":\"ept\",\"level\":1}", "no \\\"raw\\\"")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0xg\"}", "is not a number")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x10000000000000000\"}", "does not fit in 64 bits")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":-1}", "\\\"raw\\\" is")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":true}", "\\\"raw\\\" is")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"\\ud800\"}", "not valid Unicode")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x0\",\"raw\":\"0x1\"}", "\\\"raw\\\" stands there twice")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x0\",\"caps\":{\"page_2m\":1,\"page_2m\":1}}", "\\\"page_2m\\\" stands there twice")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x1\\u0000\"}", "is not a number")]
    [InlineData("{\"format\":\"ept\",\"level\":5,\"raw\":\"0x0\",\"levels\":4}", "a walk of 4 levels has no level 5")]
    [InlineData("{\"format\":\"vtd-ss\",\"level\":4,\"raw\":\"0x0\",\"levels\":3}", "a walk of 3 levels has no level 4")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x0\",\"levels\":3}", "no walk of 3 levels")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x0\",\"levels\":\"4\"}", "\\\"levels\\\" is an integer")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x0\",\"caps\":[]}", "\\\"caps\\\" is an object")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x0\",\"caps\":{\"haw\":46}}", "unknown capability 'haw'")]
    [InlineData("{\"format\":\"vtd-ss\",\"level\":1,\"raw\":\"0x0\",\"caps\":{\"maxphyaddr\":46}}", "unknown capability 'maxphyaddr'")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x0\",\"caps\":{\"page_2m\":2}}", "takes true or false")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x0\",\"caps\":{\"page_2m\":null}}", "takes true or false")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x0\",\"caps\":{\"maxphyaddr\":53}}", "takes 32 to 52")]
    [InlineData("{\"format\":\"ept\",\"level\":1,\"raw\":\"0x0\",\"caps\":{\"ept_vpid_cap\":\"x\"}}", "is not a number")]
    public async Task A_line_that_is_no_question_is_answered_in_its_place(string line, string error)
    {
        CliRun run = await CliRun.WithInputAsync($"{Good}\n{line}\n{Good}\n", "explain", "--stdin", "-o", "jsonl");

        Assert.Equal((0, "", 3), (run.Exit, run.Errors, run.Lines.Length));
        Assert.Contains("\"verdict\":\"mapped\"", run.Lines[0], StringComparison.Ordinal);
        using JsonDocument answer = JsonDocument.Parse(run.Lines[1]);
        Assert.Equal("error", Assert.Single(answer.RootElement.EnumerateObject()).Name);
        Assert.Contains(error, run.Lines[1], StringComparison.Ordinal);
        Assert.Equal(run.Lines[0], run.Lines[2]);
    }

    [Fact]
    public void Padded_capabilities_are_not_remembered()
    {
        string[] lines = [.. ((int[])[0, 1, 5000, 5001]).Select(
            n => Good[..^1] + ",\"caps\":{" + new string(' ', n) + "}}")];
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        using var output = new MemoryStream();
        var terminal = new Terminal(() => input, new Utf8Output(output), TextWriter.Null);
        var stream = new QuestionStream(terminal, [], null);

        stream.Answer(CancellationToken.None);
        terminal.Output.Flush();

        Assert.Equal(2, stream.KnownCount);
        Assert.Equal(5, Encoding.UTF8.GetString(output.ToArray()).Split("\"verdict\":\"mapped\"").Length);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_answered_in_their_place()
    {
        byte[] input = [.. "{\"format\":\"\xff\"}"u8, 0xff, 0xfe, (byte)'\n', .. Encoding.UTF8.GetBytes(Good)];

        CliRun run = await CliRun.WithInputAsync(input, "explain", "--stdin");

        Assert.StartsWith("{\"error\":", run.Lines[0], StringComparison.Ordinal);
        Assert.Contains("\"verdict\":\"mapped\"", run.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_never_ends_is_answered_and_does_not_fill_the_memory()
    {
        string endless = new('x', LineReader.MaxLength * 5);

        CliRun run = await CliRun.WithInputAsync($"{endless}\n{Good}\n", "explain", "--stdin");

        Assert.Contains("longer than", run.Lines[0], StringComparison.Ordinal);
        Assert.Contains("\"verdict\":\"mapped\"", run.Lines[1], StringComparison.Ordinal);
        Assert.Equal(2, run.Lines.Length);
    }

    [Fact]
    public async Task Line_ends_and_marks_of_other_systems_are_no_part_of_a_question()
    {
        CliRun run = await CliRun.WithInputAsync($"\uFEFF{Good}\r\n{Good}", "explain", "--stdin");

        Assert.Equal(2, run.Lines.Length);
        Assert.All(run.Lines, l => Assert.Contains("\"verdict\":\"mapped\"", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_entry_may_be_a_number()
    {
        CliRun run = await CliRun.WithInputAsync(
            """{"format":"ept","level":1,"raw":18446744073709551615}""", "explain", "--stdin");

        Assert.Contains("\"raw\":\"0xffffffffffffffff\"", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"levels\":4", "reserved")]
    [InlineData("\"levels\":5", "reserved")]
    [InlineData("\"caps\":{\"maxphyaddr\":40}", "reserved")]
    [InlineData("\"caps\":{\"maxphyaddr\":\"0x34\"}", "mapped")]
    [InlineData("\"caps\":{\"maxphyaddr\":52,\"page_2m\":false}", "reserved")]
    [InlineData("\"caps\":{\"maxphyaddr\":52,\"page_2m\":0}", "reserved")]
    [InlineData("\"caps\":{\"maxphyaddr\":52,\"ept_vpid_cap\":\"0x0\"}", "reserved")]
    [InlineData("\"caps\":{\"maxphyaddr\":52,\"ept_vpid_cap\":65536}", "mapped")]
    [InlineData("\"caps\":{\"maxphyaddr\":52,\"ept_vpid_cap\":0,\"page_2m\":1}", "mapped")]
    public async Task A_question_says_its_machine(string machine, string verdict)
    {
        // A 2-MiB page with bit 50 of the address set.
        CliRun run = await CliRun.WithInputAsync(
            $$"""{"format":"ept","level":2,"raw":"0x40000400000b7",{{machine}}}""", "explain", "--stdin");

        Assert.Contains($"\"verdict\":\"{verdict}\"", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ept", "maxphyaddr", "page_2m page_1g exec_only walk_5 accessed_dirty mode_based_execute")]
    [InlineData("vtd-ss", "haw", "page_2m page_1g snoop_control execute_requests accessed_dirty memory_type walk_5")]
    [InlineData("npt", "maxphyaddr c_bit", "page_1g no_execute walk_5")]
    [InlineData("x86-64", "maxphyaddr", "page_1g no_execute walk_5")]
    [InlineData("vtd-fs", "maxphyaddr", "page_1g no_execute walk_5")]
    [InlineData("amdv1", "", "")]
    [InlineData("armv8-s2", "output_size", "xnx lpa2 hardware_af")]
    [InlineData("riscv-sv39x4", "", "svnapot svpbmt svrsw60t59b")]
    [InlineData("riscv-sv48x4", "", "svnapot svpbmt svrsw60t59b")]
    [InlineData("riscv-sv57x4", "", "svnapot svpbmt svrsw60t59b")]
    public async Task Each_format_takes_the_capabilities_that_are_promised_of_it(string format, string widths, string flags)
    {
        string[] words = [.. Split(flags).SelectMany(f => new[] { $"\"{f}\":true", $"\"{f}\":0" })];
        string[] numbers = [.. Split(widths).Select(w => $"\"{w}\":40")];
        string[] settings = [.. words, .. numbers, .. format == "npt" ? ["\"c_bit\":null"] : Array.Empty<string>(), ""];
        string questions = string.Join('\n', settings.Append("\"widths\":46").Select(
            s => $$$"""{"format":"{{{format}}}","level":1,"raw":"0x0","caps":{{{{s}}}}}"""));

        CliRun run = await CliRun.WithInputAsync(questions, "explain", "--stdin");

        Assert.Equal(settings.Length + 1, run.Lines.Length);
        Assert.All(run.Lines[..^1], l => Assert.Contains("\"verdict\":\"not-present\"", l, StringComparison.Ordinal));
        Assert.StartsWith("{\"error\":\"unknown capability 'widths'", run.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_sets_what_a_question_leaves_open()
    {
        string[] questions =
        [
            """{"format":"ept","level":1,"raw":"0x20000000037"}""",
            """{"format":"ept","level":1,"raw":"0x20000000037","caps":{"maxphyaddr":46}}""",
        ];

        CliRun run = await CliRun.WithInputAsync(
            string.Join('\n', questions), "explain", "--stdin", "--set", "maxphyaddr=40");

        Assert.Contains("\"verdict\":\"reserved\"", run.Lines[0], StringComparison.Ordinal);
        Assert.Contains("\"verdict\":\"mapped\"", run.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_speaks_to_the_formats_that_it_fits()
    {
        const string Questions = """
            {"format":"vtd-ss","level":1,"raw":"0x148504003"}
            {"format":"ept","level":1,"raw":"0x20000000037"}
            """;

        CliRun run = await CliRun.WithInputAsync(
            Questions, "explain", "--stdin", "--set", "maxphyaddr=40", "--overlay", "kvm-ept:high");

        Assert.Contains("\"verdict\":\"mapped\"", run.Lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("software_fields", run.Lines[0], StringComparison.Ordinal);
        Assert.Contains("\"verdict\":\"reserved\"", run.Lines[1], StringComparison.Ordinal);
        Assert.Contains("software_fields", run.Lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unknown capability 'maxphyadr'", "--set", "maxphyadr=40")]
    [InlineData("'haw' takes 32 to 52", "--set", "haw=4")]
    [InlineData("is no setting", "--set", "haw")]
    [InlineData("unknown overlay 'kvm-etp'", "--overlay", "kvm-etp")]
    [InlineData("no variant 'middle'", "--overlay", "kvm-ept:middle")]
    public async Task A_command_line_that_fits_no_format_is_told_once(string message, params string[] args)
    {
        CliRun run = await CliRun.WithInputAsync($"{Good}\n{Good}", ["explain", "--stdin", .. args]);

        run.AssertFailed(2, message);
    }

    [Fact]
    public async Task Many_machines_are_answered_each_by_its_own_rules()
    {
        // More than are kept, twice over.
        string[] questions =
        [
            .. Enumerable.Range(0, 3000).Select(i =>
                $$$"""{"format":"ept","level":1,"raw":"0x8000000000037","caps":{"maxphyaddr":{{{32 + (i % 21)}}},"ept_vpid_cap":{{{i}}}}}"""),
        ];

        CliRun run = await CliRun.WithInputAsync(string.Join('\n', questions), "explain", "--stdin");

        Assert.Equal(3000, run.Lines.Length);
        for (int i = 0; i < run.Lines.Length; i++)
        {
            string verdict = 32 + (i % 21) == 52 ? "mapped" : "reserved";
            Assert.Contains($"\"verdict\":\"{verdict}\"", run.Lines[i], StringComparison.Ordinal);
        }
    }

    private static string[] Split(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

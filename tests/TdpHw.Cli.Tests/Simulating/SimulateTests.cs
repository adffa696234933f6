using System.Text;
using System.Text.Json.Nodes;
using TdpHw.Cli.Output;
using TdpHw.Cli.Simulating;
using TdpHw.Cli.Simulating.Answering;
using TdpHw.Cli.Simulating.Steps;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests.Simulating;

public sealed class SimulateTests
{
    private const string Steps = "- mode: strict\n- fail_alloc: 1\n- vm\n- export\n- report\n";

    [Fact]
    public void Each_step_is_answered_on_a_line()
    {
        Assert.Equal(
            """
            {"step":1,"verb":"mode","result":"ok"}
            {"step":2,"verb":"fail_alloc","result":"ok"}
            {"step":3,"verb":"vm","result":"ENOMEM"}
            {"step":4,"verb":"export","result":"ok","fd":0,"meta":{"type":1,"root_hpa":"0xfedcba9876543210","rsvd_bits_mask":[["0x0","0x800"],["0x0","0x1800"]]}}
            {"step":5,"verb":"report","result":"ok","cpu_faults":3,"mmio":false,"none":null,"roots":[{"id":0,"valid":true},{"id":12,"valid":false}],"list":[]}

            """.ReplaceLineEndings("\n"),
            Write(output => new StepJson(output)));
    }

    [Fact]
    public void Text_shows_the_same_answers()
    {
        Assert.Equal(
            """
            step  verb             result
               1  mode             ok
               2  fail_alloc       ok
               3  vm               ENOMEM
               4  export           ok          fd 0
                  meta  type 1, root_hpa 0xfedcba9876543210
                    rsvd_bits_mask  0x0 0x800; 0x0 0x1800
               5  report           ok          cpu_faults 3, mmio false, none -
                  roots
                    id  valid
                    0   true
                    12  false
                  list  none

            """.ReplaceLineEndings("\n"),
            Write(output => new StepText(output)));
    }

    [Theory]
    [InlineData("jsonl", 3)]
    [InlineData("text", 4)]
    public async Task A_malformed_step_ends_the_run_behind_the_answers_above(string form, int lines)
    {
        using var folder = new TempFolder();
        string scenario = folder.Write("s.yaml", "- mode: strict\n- vm\n- vcpu\n\n- memslto: {}\n- report\n");

        CliRun run = await CliRun.OfAsync("simulate", scenario, "-o", form);

        Assert.Equal((3, lines), (run.Exit, run.Lines.Length));
        Assert.Equal($"tdphw: {scenario}:5:3: unknown verb 'memslto'; did you mean 'memslot'?\n", run.Errors);
    }

    [Fact]
    public async Task What_is_wrong_with_the_standard_input_is_told_by_line_and_column()
    {
        CliRun run = await CliRun.WithInputAsync("- vm: { huge: 3m }", "simulate", "-");

        run.AssertFailed(3, "tdphw: standard input:1:15: 'huge' takes 2m or 1g, not '3m'");
    }

    [Fact]
    public async Task An_answer_is_there_before_the_next_step_is_done()
    {
        using var output = new MemoryStream();
        List<long> lengths = [];
        var run = new ScenarioRun(
            _ =>
            {
                lengths.Add(output.Length);
                return new StepAnswer(StepAnswer.Ok);
            },
            new StepJson(new Utf8Output(output)),
            null);

        await Task.Run(() => run.Run(ReadScenario.Of("- vm\n- vcpu\n- report").Steps, CancellationToken.None));

        int line = "{\"step\":1,\"verb\":\"vm\",\"result\":\"ok\"}\n".Length;
        Assert.Equal([0, line, (2 * line) + 2], lengths);
    }

    [Fact]
    public void An_interrupted_run_stops_before_the_next_step()
    {
        using var interrupted = new CancellationTokenSource();
        List<string> done = [];
        var run = new ScenarioRun(
            step =>
            {
                done.Add(step.Origin.Verb);
                interrupted.Cancel();
                return new StepAnswer(StepAnswer.Ok);
            },
            new StepJson(new Utf8Output(Stream.Null)),
            null);

        Assert.Throws<OperationCanceledException>(
            () => run.Run(ReadScenario.Of("- vm\n- report").Steps, interrupted.Token));
        Assert.Equal(["vm"], done);
    }

    [Theory]
    [InlineData("a step is answered before the next one is done: use -o jsonl or text", "-", "-o", "json")]
    [InlineData("a step is answered before the next one is done: use -o jsonl or text", "-", "-o", "tsv")]
    [InlineData("unknown output 'xml'", "-", "-o", "xml")]
    [InlineData("--timeline would overwrite the scenario", "FOLDER/s.yaml", "--timeline", "FOLDER/./s.yaml")]
    public async Task A_wrong_command_line_says_what_is_wrong(string message, params string[] args)
    {
        using var folder = new TempFolder();
        folder.Write("s.yaml", "- report");

        CliRun run = await CliRun.OfAsync(
            ["simulate", .. args.Select(a => a.Replace("FOLDER", folder.Path, StringComparison.Ordinal))]);

        run.AssertFailed(2, message);
        Assert.Equal("- report", File.ReadAllText(folder.File("s.yaml")));
    }

    [Theory]
    [InlineData("no such file", "FOLDER/none.yaml")]
    [InlineData("is a directory, not a file", "FOLDER")]
    [InlineData("the path is empty", "")]
    [InlineData("--timeline FOLDER: is a directory, not a file", "FOLDER/s.yaml", "--timeline", "FOLDER")]
    [InlineData("--timeline FOLDER/none/t.json: Could not find a part of the path", "FOLDER/s.yaml", "--timeline", "FOLDER/none/t.json")]
    [InlineData("--timeline : ", "FOLDER/s.yaml", "--timeline", "")]
    public async Task What_can_not_be_opened_is_told_before_any_step(string message, params string[] args)
    {
        using var folder = new TempFolder();
        folder.Write("s.yaml", "- report");

        CliRun run = await CliRun.OfAsync(
            ["simulate", .. args.Select(a => a.Replace("FOLDER", folder.Path, StringComparison.Ordinal))]);

        run.AssertFailed(3, message.Replace("FOLDER", folder.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_scenario_that_can_not_be_opened_leaves_an_old_timeline_alone()
    {
        using var folder = new TempFolder();
        string trace = folder.Write("t.json", "old");

        CliRun run = await CliRun.OfAsync("simulate", folder.File("none.yaml"), "--timeline", trace);

        run.AssertFailed(3, "no such file");
        Assert.Equal("old", File.ReadAllText(trace));
    }

    private static string Write(Func<Utf8Output, IStepOutput> create)
    {
        using var output = new MemoryStream();
        new ScenarioRun(Answer, create(new Utf8Output(output)), null).Run(ReadScenario.Of(Steps).Steps, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static StepAnswer Answer(ScenarioStep step) => step switch
    {
        VmStep => new StepAnswer("ENOMEM"),
        ExportStep => new StepAnswer(StepAnswer.Ok)
            .With("fd", 0)
            .With("meta", new StepAnswer(StepAnswer.Ok)
                .With("type", 1)
                .WithHex("root_hpa", 0xfedcba9876543210)
                .With("rsvd_bits_mask", new JsonArray(new JsonArray("0x0", "0x800"), new JsonArray("0x0", "0x1800")))
                .Fields),
        ReportStep => new StepAnswer(StepAnswer.Ok)
            .With("cpu_faults", 3L)
            .With("mmio", false)
            .With("none", null)
            .With("roots", new JsonArray(
                new JsonObject { ["id"] = 0, ["valid"] = true }, new JsonObject { ["id"] = 12, ["valid"] = false }))
            .With("list", new JsonArray()),
        _ => new StepAnswer(StepAnswer.Ok),
    };
}

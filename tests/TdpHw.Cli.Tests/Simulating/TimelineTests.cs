using System.Text;
using System.Text.Json;
using TdpHw.Cli.Input;
using TdpHw.Cli.Simulating;
using TdpHw.Cli.Simulating.Steps;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests.Simulating;

public sealed class TimelineTests
{
    private const string Header =
        """
        {"traceEvents":[
        {"name":"process_name","ph":"M","pid":1,"tid":1,"args":{"name":"tdphw simulate s.yaml"}},
        {"name":"thread_name","ph":"M","pid":1,"tid":1,"args":{"name":"scenario"}},
        {"name":"thread_name","ph":"M","pid":1,"tid":2,"args":{"name":"KVM"}}
        """;

    [Fact]
    public void Steps_take_time_and_what_happens_within_them_has_its_moment()
    {
        string text = Record(timeline =>
        {
            timeline.BeginStep();
            timeline.AddTrack("vcpu0", "vCPU 0");
            timeline.EndStep(Step(1, "vcpu"), new StepAnswer(StepAnswer.Ok).With("vcpu", 0));
            timeline.BeginStep();
            timeline.Add("violation", "vcpu0", 0x1000, 0, "");
            timeline.Add("mapped", "root 0", 0x1000, 4096, "level 1");
            timeline.EndStep(Step(2, "access"), new StepAnswer(StepAnswer.Ok).WithHex("hpa", ulong.MaxValue));
            timeline.BeginStep();
            timeline.EndStep(Step(3, "close"), new StepAnswer("EBADF"));
        });

        Assert.Equal(
            Header.ReplaceLineEndings("\n") + """
            ,
            {"name":"thread_name","ph":"M","pid":1,"tid":3,"args":{"name":"vCPU 0"}},
            {"name":"vcpu","ph":"X","pid":1,"tid":1,"ts":0,"dur":1,"args":{"step":1,"result":"ok","vcpu":0}},
            {"name":"violation","ph":"i","pid":1,"tid":3,"ts":2,"s":"t","args":{"subject":"vcpu0","address":"0x1000"}},
            {"name":"mapped","ph":"i","pid":1,"tid":2,"ts":3,"s":"t","args":{"subject":"root 0","address":"0x1000","size":"0x1000","detail":"level 1"}},
            {"name":"access","ph":"X","pid":1,"tid":1,"ts":1,"dur":3,"args":{"step":2,"result":"ok","hpa":"0xffffffffffffffff"}},
            {"name":"close","ph":"X","pid":1,"tid":1,"ts":4,"dur":1,"args":{"step":3,"result":"EBADF"}}
            ]
            }

            """.ReplaceLineEndings("\n"),
            text);
        Parse(text);
    }

    [Fact]
    public void Somebody_has_one_track_only()
    {
        using JsonDocument trace = Parse(Record(timeline =>
        {
            timeline.AddTrack("00:03.0", "device 00:03.0");
            timeline.AddTrack("00:03.0", "device 00:03.0");
            timeline.AddTrack("dmar0", "IOMMU \"dmar0\" \u001b");
        }));

        Assert.Equal(
            ["tdphw simulate s.yaml", "scenario", "KVM", "device 00:03.0", "IOMMU \"dmar0\" \u001b"],
            Events(trace).Select(e => e.GetProperty("args").GetProperty("name").GetString()));
        Assert.Equal([1, 1, 2, 3, 4], Events(trace).Select(e => e.GetProperty("tid").GetInt32()));
    }

    [Fact]
    public async Task A_scenario_that_is_cut_off_leaves_a_whole_timeline()
    {
        using var folder = new TempFolder();
        string scenario = folder.Write(
            "s.yaml", "- vm\n- vcpu\n- memslot: { gpa: 0, size: 1M }\n- access: { gpa: 0x1000 }\n- acces: {}\n");
        string trace = folder.File("t.json");

        CliRun run = await CliRun.OfAsync("simulate", scenario, "--timeline", trace);

        Assert.Equal((3, 4), (run.Exit, run.Lines.Length));
        using JsonDocument recorded = Parse(File.ReadAllText(trace));
        Assert.Equal("vcpu 0", Events(recorded).Single(e => e.GetProperty("tid").GetInt32() == 3 && e.GetProperty("ph").GetString() == "M")
            .GetProperty("args").GetProperty("name").GetString());
        JsonElement violation = Events(recorded).Single(e => e.GetProperty("name").GetString() == "EPT violation");
        Assert.Equal(3, violation.GetProperty("tid").GetInt32());
        Assert.Equal("0x1000", violation.GetProperty("args").GetProperty("address").GetString());
        Assert.Equal(4, Events(recorded).Count(e => e.GetProperty("ph").GetString() == "X"));
    }

    [Fact]
    public async Task A_scenario_without_a_step_leaves_a_whole_timeline()
    {
        using var folder = new TempFolder();
        string scenario = folder.Write("s.yaml", "");
        string trace = folder.Write("t.json", new string('x', 10_000));

        CliRun run = await CliRun.OfAsync("simulate", scenario, "--timeline", trace);

        run.AssertFailed(3, "s.yaml:1:1: the scenario is empty");
        using JsonDocument recorded = Parse(File.ReadAllText(trace));
        Assert.Equal(3, Events(recorded).Length);
    }

    [Fact]
    public void A_timeline_that_can_not_be_written_says_so_once()
    {
        var full = new FullStream();

        InputException error = Assert.Throws<InputException>(() =>
        {
            using var timeline = new Timeline(full, "t.json", "s.yaml");
            timeline.BeginStep();
            timeline.EndStep(Step(1, "vm"), new StepAnswer(StepAnswer.Ok));
        });

        Assert.Equal("--timeline t.json: the output can't be written: full", error.Message);
        Assert.True(full.IsClosed);
    }

    [Fact]
    public async Task A_full_device_ends_the_run_as_bad_input()
    {
        using var folder = new TempFolder();
        string scenario = folder.Write("s.yaml", "- vm\n- report\n");

        CliRun run = await CliRun.OfAsync("simulate", scenario, "--timeline", "/dev/full");

        run.AssertFailed(3, "--timeline /dev/full: the output can't be written: No space left on device");
    }

    private static StepOrigin Step(int number, string verb) => new(number, verb, default);

    private static string Record(Action<Timeline> events)
    {
        var stream = new MemoryStream();
        using (var timeline = new Timeline(stream, "t.json", "s.yaml"))
        {
            events(timeline);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static JsonDocument Parse(string text)
    {
        JsonDocument document = JsonDocument.Parse(text);
        Assert.Equal("traceEvents", Assert.Single(document.RootElement.EnumerateObject()).Name);
        return document;
    }

    private static JsonElement[] Events(JsonDocument trace) =>
        [.. trace.RootElement.GetProperty("traceEvents").EnumerateArray()];

    private sealed class FullStream : MemoryStream
    {
        public bool IsClosed { get; private set; }

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("full");

        protected override void Dispose(bool disposing)
        {
            IsClosed = true;
            base.Dispose(disposing);
        }
    }
}

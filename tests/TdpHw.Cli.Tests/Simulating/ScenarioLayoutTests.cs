using System.IO.Pipes;
using TdpHw.Cli.Simulating;
using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Tests.Simulating;

public sealed class ScenarioLayoutTests
{
    [Theory]
    [InlineData("- mode: strict\n- vm\n- report")]
    [InlineData("- mode: strict\n- vm\n- report\n")]
    [InlineData("- mode: strict\r\n- vm:\r\n- report\r\n")]
    [InlineData("\ufeff- mode: strict\n- vm\n- report")]
    [InlineData("---\n- mode: strict\n- vm\n- report")]
    [InlineData("# about\n\n--- # begins\n\n- mode: strict\n- vm\n- report\n...\n# after\n\n")]
    [InlineData("%YAML 1.2\n---\n- mode: strict\n- vm\n- report")]
    [InlineData("  - mode: strict\n  - vm\n\n# between\n  - report")]
    [InlineData("- mode: strict # so\n\t\n\t# tabs before a comment\n- vm: # nothing\n   # deeper\n- report #")]
    [InlineData("- mode:\n    kind: strict\n# not indented\n    serve: shared\n\n- vm:\n- report")]
    [InlineData("- mode: {\n    kind: strict\n  }\n- vm: {\n  }\n- report: {}")]
    [InlineData("- 'mode': \"strict\"\n- \"vm\"\n- report")]
    [InlineData("-\n  mode:\n   strict\n-\tvm\n-\n\n\n  report")]
    [InlineData("- ? mode\n  : strict\n- vm\n- report")]
    [InlineData("- mode: >-\n    strict\n- vm\n- report")]
    [InlineData("[{mode: strict}, vm, {report: null}]")]
    [InlineData("[\n {\"mode\": \"strict\"},\n {\"vm\": {}},\n {\"report\": null}\n]\n")]
    [InlineData("--- [{mode: strict}, vm,\nreport]\n...\n")]
    public void Lists_may_be_written_in_any_style(string text)
    {
        ReadScenario read = ReadScenario.Of(text);

        Assert.Equal((null, "mode vm report"), (read.Error, read.Verbs));
        Assert.True(((ModeStep)read.Steps[0]).IsStrict);
    }

    [Fact]
    public void An_empty_list_has_no_steps()
    {
        ReadScenario read = ReadScenario.Of("[]");

        Assert.Equal((null, ""), (read.Error, read.Verbs));
    }

    [Fact]
    public void Lines_count_on_over_the_parts_of_a_scenario()
    {
        const string Text = "# 1\n---\n# 3\n- mode: strict\n# 5\n- vm:\n    # 7\n    maxphyaddr: 46\n    huge: 3m\n";

        Assert.Equal("s.yaml:9:11: 'huge' takes 2m or 1g, not '3m'", ReadScenario.Of(Text).Error);
    }

    [Fact]
    public void Lines_count_in_one_piece_too()
    {
        Assert.Equal("s.yaml:3:2: unknown verb 'vmm'; did you mean 'vm'?", ReadScenario.Of("---\n[\n vmm\n]").Error);
    }

    [Fact]
    public void A_step_is_read_as_soon_as_the_next_one_starts()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle);
        using IEnumerator<ScenarioStep> steps = Scenario.Read(reader, "-", () => { }).GetEnumerator();

        writer.Write("- mode: strict\n- vm:\n"u8);
        Assert.True(steps.MoveNext());
        Assert.IsType<ModeStep>(steps.Current);
        writer.Write("    maxphyaddr: 40\n- report\n"u8);
        Assert.True(steps.MoveNext());
        Assert.Equal(40, Assert.IsType<VmStep>(steps.Current).MaxPhyAddr);
        writer.Dispose();
        Assert.True(steps.MoveNext());
        Assert.IsType<ReportStep>(steps.Current);
        Assert.False(steps.MoveNext());
    }
}

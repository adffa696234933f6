using System.Text.Json;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class OverviewTests
{
    [Theory]
    [InlineData("ept-default", "1713 18 1")]
    [InlineData("ept-huge", "5 79 1")]
    public async Task Leaves_are_counted_by_level(string capture, string leaves)
    {
        CliRun run = await CliRun.OfAsync("walk", Capture.File(capture, ""), "-o", "json");

        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement counts = document.RootElement.GetProperty("roots")[0].GetProperty("counts");
        Assert.Equal(leaves, $"{Leaves(1)} {Leaves(2)} {Leaves(3)}");

        JsonElement Leaves(int level) =>
            counts.EnumerateArray().Single(c => c.GetProperty("level").GetInt32() == level).GetProperty("leaves");
    }

    [Fact]
    public async Task Names_and_paths_that_would_move_the_cursor_do_not()
    {
        using var folder = new TempFolder();
        string image = Capture.CopyTo(
            folder,
            "ept-default",
            """{"format":"ept","parameters":{"maxphyaddr":40},"roots":[{"name":"a\u001b[2J\nb","hpa":"0x14aa62000","levels":4}]}""");
        string moved = folder.File("x\u001b]0;y\nz");
        Directory.Move(image, moved);

        CliRun overview = await CliRun.OfAsync("walk", moved);
        CliRun leaves = await CliRun.OfAsync("walk", moved, "--leaves");

        Assert.DoesNotContain('\u001b', overview.Output);
        Assert.DoesNotContain('\u001b', leaves.Output);
        Assert.Contains(overview.Lines, l => l.StartsWith("root 0x14aa62000 (a [2J b): 4 levels", StringComparison.Ordinal));
        Assert.StartsWith("root 0x14aa62000 (a [2J b)", leaves.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith("x ]0;y z", overview.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_count_of_entries_that_lead_to_tables_says_so()
    {
        CliRun run = await CliRun.OfAsync("walk", Capture.File("ept-default", ""));

        Assert.Contains("  level  page  to tables  leaves  accessed  dirty  malformed  not present", run.Lines);
    }

    [Fact]
    public async Task Text_names_machine_software_ranges_and_special_entries()
    {
        CliRun run = await CliRun.OfAsync("walk", Capture.File("ept-default", ""));

        Assert.Equal("format    ept: Intel extended page tables (EPT), four and five levels", run.Lines[1]);
        Assert.Equal(
            "hardware  maxphyaddr 40, page_2m, page_1g, exec_only, accessed_dirty; without walk_5, mode_based_execute",
            run.Lines[2]);
        Assert.StartsWith("software  kvm-ept:low: ", run.Lines[3], StringComparison.Ordinal);
        Assert.Contains("root 0x14aa62000 (as_id 0): 4 levels, 48-bit addresses", run.Lines);
        Assert.Contains("  0x1000     ->  0x148504000  12K  RWX  WB", run.Lines);
        Assert.Contains("  7 misconfigured, to the software mmio", run.Lines);
        Assert.Equal(40, run.Lines.Count(l => l.Contains(" ->  ", StringComparison.Ordinal)));
        Assert.Contains(run.Lines, l => l.EndsWith(" more, see --ranges", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Roots_that_share_a_table_stand_once_with_all_names()
    {
        CliRun run = await CliRun.OfAsync("walk", Capture.File("vtd-ss-48-scalable", ""));

        Assert.Equal(7, run.Lines.Count(l => l.StartsWith("root ", StringComparison.Ordinal)));
        Assert.Contains("root 0xe4ff000 (00:1f.0, 00:1f.2, 00:1f.3): 4 levels, 48-bit addresses", run.Lines);
    }

    [Fact]
    public async Task A_pipe_gets_no_escape_sequences_and_no_drawing()
    {
        CliRun run = await CliRun.OfAsync("walk", Capture.File("ept-huge", ""));

        Assert.DoesNotContain('\u001b', run.Output);
        Assert.DoesNotContain('╭', run.Output);
    }

    [Fact]
    public async Task A_terminal_gets_a_drawing_in_colour_and_without_where_none_is_wanted()
    {
        using var folder = new TempFolder();
        string image = Capture.CopyTo(folder, "ept-noad");
        string bracketed = folder.File("[red]image[bold]");
        Directory.Move(image, bracketed);

        CliRun colour = await CliRun.OnTerminalAsync(useColor: true, "walk", bracketed);
        CliRun plain = await CliRun.OnTerminalAsync(useColor: false, "walk", bracketed);

        Assert.Contains('\u001b', colour.Output);
        Assert.DoesNotContain('\u001b', plain.Output);
        Assert.All([colour, plain], run =>
        {
            Assert.Equal((0, ""), (run.Exit, run.Errors));
            Assert.Contains('╭', run.Output);
            Assert.Contains("[red]image[bold]", run.Output.Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        });
        Assert.Contains("18 not-present, to the software access-tracked", plain.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listing_on_a_terminal_is_the_same_as_in_a_pipe()
    {
        CliRun pipe = await CliRun.OfAsync("walk", Capture.File("ept-huge", ""), "--ranges");
        CliRun terminal = await CliRun.OnTerminalAsync(useColor: true, "walk", Capture.File("ept-huge", ""), "--ranges");

        Assert.Equal(pipe.Output, terminal.Output);
    }
}

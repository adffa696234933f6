using System.Diagnostics;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class ProcessTests
{
    private static readonly string[] At = ["--format", "ept", "--base", "0x1000", "--root", "0x1000"];

    [Fact]
    public async Task A_reader_that_goes_away_ends_the_listing_silently()
    {
        using var folder = new TempFolder();
        using Process process = ProcessRun.Start(
            ["walk", RawFile.WriteShared(folder), .. At, "--leaves", "-o", "tsv", "--max-rows", "0x7fffffffffffffff"]);

        Assert.StartsWith("root\taddress", await process.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        process.StandardOutput.Close();

        // Without the closed pipe this listing has 2^36 rows.
        Assert.Equal(0, await ProcessRun.WaitAsync(process));
        Assert.Equal("", await process.StandardError.ReadToEndAsync());
    }

    [Fact]
    public async Task Ctrl_C_ends_a_listing()
    {
        using var folder = new TempFolder();
        using Process process = ProcessRun.Start(
            ["walk", RawFile.WriteShared(folder), .. At, "--ranges", "-o", "tsv", "--max-rows", "0x7fffffffffffffff"]);
        await process.StandardOutput.ReadLineAsync();

        await Interrupt(process);

        Assert.Equal(130, await ProcessRun.WaitAsync(process));
        Assert.Equal("", await process.StandardError.ReadToEndAsync());
    }

    [Fact]
    public async Task Ctrl_C_ends_a_program_that_waits_for_input_and_questions_are_answered_as_they_come()
    {
        using Process process = ProcessRun.Start("explain", "--stdin", "-o", "jsonl");
        await process.StandardInput.WriteLineAsync("""{"format":"ept","level":1,"raw":"0x148504037"}""");
        await process.StandardInput.FlushAsync();

        // The input is still open: the answer came because the program was about to wait.
        Assert.Contains("mapped", await process.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        await Interrupt(process);

        Assert.Equal(130, await ProcessRun.WaitAsync(process));
    }

    [Theory]
    [InlineData("formats ept", "0")]
    [InlineData("formats etp", "2")]
    [InlineData("walk no-such-image", "3")]
    [InlineData("walk \"$SELF\" --format ept --root 0x0", "1")]
    public async Task The_exit_code_reaches_the_shell(string arguments, string exit)
    {
        using var folder = new TempFolder();
        string self = RawFile.Write(folder, "self.bin", RawFile.Filled(RawFile.All));

        string output = await ProcessRun.ShellAsync($"$TDPHW {arguments} >/dev/null 2>&1; echo $?", ("SELF", self));

        Assert.Equal(exit + "\n", output);
    }

    [Fact]
    public async Task Two_runs_into_one_file_do_not_write_over_each_other()
    {
        using var folder = new TempFolder();

        string output = await ProcessRun.ShellAsync(
            "{ $TDPHW formats -o tsv; $TDPHW formats -o tsv; } > \"$FILE\"; $TDPHW formats -o tsv >> \"$FILE\"; cat \"$FILE\"",
            ("FILE", folder.File("out")));

        Assert.Equal(3, output.Split('\n').Count(l => l == "id\tlevels\tsummary"));
    }

    [Fact]
    public async Task A_full_disk_is_told_in_one_line()
    {
        string output = await ProcessRun.ShellAsync("{ $TDPHW formats 2>&3 >/dev/full; } 3>&1; echo exit $?");

        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("tdphw: the output can't be written: ", lines[0], StringComparison.Ordinal);
        Assert.Equal("exit 3", lines[1]);
    }

    [Theory]
    [InlineData("explain --stdin")]
    [InlineData("explain --dmar -")]
    [InlineData("translate \"$IMAGE\" --stdin")]
    public async Task A_program_without_an_input_says_so(string arguments)
    {
        string output = await ProcessRun.ShellAsync(
            $"$TDPHW {arguments} 2>&1 <&-; echo exit $?", ("IMAGE", Capture.File("ept-huge", "")));

        Assert.Equal("tdphw: standard input is closed\nexit 3\n", output);
    }

    [Fact]
    public async Task A_program_without_an_input_that_needs_none_does_not_miss_it()
    {
        Assert.Equal("0\n", await ProcessRun.ShellAsync("$TDPHW formats >/dev/null 2>&1 <&-; echo $?"));
    }

    [Fact]
    public async Task An_input_that_can_only_be_written_is_told_in_one_line()
    {
        using var folder = new TempFolder();

        string output = await ProcessRun.ShellAsync(
            "$TDPHW explain --stdin 2>&1 0>\"$FILE\"; echo exit $?", ("FILE", folder.File("in")));

        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("tdphw: standard input can't be read: ", lines[0], StringComparison.Ordinal);
        Assert.Equal("exit 3", lines[1]);
    }

    [Fact]
    public async Task A_program_without_an_output_says_so()
    {
        string output = await ProcessRun.ShellAsync("{ $TDPHW formats 2>&3 >&-; } 3>&1; echo exit $?");

        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Equal("tdphw: the output can't be written: standard output is closed", lines[0]);
        Assert.Equal("exit 3", lines[1]);
    }

    [Fact]
    public async Task A_run_in_a_pipe_works_where_the_drawing_library_is_missing()
    {
        // Loading it takes as long as all the rest of a short run.
        using var folder = new TempFolder();
        foreach (string name in (string[])
            ["tdphw.dll", "tdphw.runtimeconfig.json", "TdpHw.Core.dll", "TdpHw.Formats.dll", "TdpHw.Memory.dll", "System.CommandLine.dll"])
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), folder.File(name));
        }

        string output = await ProcessRun.ShellAsync(
            "for command in 'explain ept 0x148504037' \"walk $IMAGE\" formats; do answer=$($HOST \"$APP\" $command); echo $? ${#answer}; done",
            ("HOST", ProcessRun.Host),
            ("APP", folder.File("tdphw.dll")),
            ("IMAGE", Capture.File("ept-huge", "")));

        string[] ends = output.TrimEnd('\n').Split('\n');
        Assert.Equal(3, ends.Length);
        Assert.All(ends, end => Assert.Matches("^0 [1-9]", end));
    }

    private static async Task Interrupt(Process process) =>
        await ProcessRun.ShellAsync($"kill -INT {process.Id}");
}

using System.Reflection;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class HelpTests
{
    private static readonly string[] Commands = 
        ["formats", "describe", "explain", "walk", "translate", "check", "simulate", "vectors", "completion"];

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Help_names_every_command(params string[] args)
    {
        CliRun run = await CliRun.OfAsync(args);

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        Assert.All(Commands, c => Assert.Contains($"  {c} ", run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_of_every_command_ends_with_examples()
    {
        foreach (string command in Commands)
        {
            CliRun run = await CliRun.OfAsync(command, "--help");

            Assert.Equal((0, ""), (run.Exit, run.Errors));
            Assert.Contains($"Examples:\n", run.Output, StringComparison.Ordinal);
            Assert.Contains($"tdphw {command}", run.Lines[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Help_is_given_on_a_line_with_an_error_too()
    {
        CliRun run = await CliRun.OfAsync("walk", "--nonsense", "--help");

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        Assert.Contains("--leaves", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_looks_like_help_elsewhere_is_a_path()
    {
        CliRun run = await CliRun.OfAsync("walk", "/h");

        run.AssertFailed(3, "/h: no such file");
    }

    [Fact]
    public async Task Version_is_that_of_the_build()
    {
        CliRun run = await CliRun.OfAsync("--version");

        string version = typeof(Program).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        Assert.Equal(version + "\n", run.Output);
        Assert.Equal(0, run.Exit);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _tdphw tdphw")]
    [InlineData("zsh", "#compdef tdphw")]
    [InlineData("fish", "complete -c tdphw")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName tdphw")]
    public async Task A_completion_script_asks_the_program(string shell, string registration)
    {
        CliRun run = await CliRun.OfAsync("completion", shell);

        Assert.Equal(0, run.Exit);
        Assert.Contains(registration, run.Output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tdphw wa", "walk")]
    [InlineData("tdphw explain ", "vtd-ss")]
    [InlineData("tdphw walk x --overlay ", "kvm-ept:high")]
    [InlineData("tdphw walk x -o ", "jsonl")]
    [InlineData("tdphw walk x --le", "--leaves")]
    [InlineData("tdphw completion ", "fish")]
    public async Task Suggestions_know_commands_options_and_values(string line, string suggestion)
    {
        CliRun run = await CliRun.OfAsync($"[suggest:{line.Length}]", line);

        Assert.Contains(suggestion, run.Lines);
    }
}

using System.Text;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.Tests.Running;

/// <summary>What a run of the program in this process gave.</summary>
internal sealed record CliRun(int Exit, byte[] OutputBytes, string Errors)
{
    public string Output { get; } = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(OutputBytes);

    public string[] Lines => field ??= Output.Length == 0 ? [] : Output.TrimEnd('\n').Split('\n');

    public string[] ErrorLines => Errors.Length == 0 ? [] : Errors.TrimEnd('\n').Split('\n');

    /// <summary>Runs a command line with nobody's terminal.</summary>
    public static Task<CliRun> OfAsync(params string[] args) => WithInputAsync("", args);

    /// <summary>Runs a command line with <paramref name="input"/> as standard input.</summary>
    public static Task<CliRun> WithInputAsync(string input, params string[] args) =>
        WithInputAsync(Encoding.UTF8.GetBytes(input), args);

    /// <summary>Runs a command line with <paramref name="input"/> as standard input.</summary>
    public static async Task<CliRun> WithInputAsync(byte[] input, params string[] args)
    {
        using var output = new MemoryStream();
        await using var errors = new StringWriter();
        int exit = Program.Run(args, new MemoryStream(input), output, errors, CancellationToken.None);
        return new CliRun(exit, output.ToArray(), errors.ToString());
    }

    /// <summary>Runs a command line as if a person saw its output.</summary>
    public static async Task<CliRun> OnTerminalAsync(bool useColor, params string[] args)
    {
        using var output = new MemoryStream();
        await using var errors = new StringWriter();
        var terminal = new Terminal(() => Stream.Null, new Utf8Output(output), errors)
        {
            OutputIsTerminal = true,
            UseColor = useColor,
            Width = 100,
        };
        int exit = Program.Run(args, terminal);
        return new CliRun(exit, output.ToArray(), errors.ToString());
    }

    /// <summary>The run must have failed with one line that says why, and nothing on the output.</summary>
    public void AssertFailed(int exit, string expectedInMessage)
    {
        Assert.Equal(exit, Exit);
        Assert.Equal("", Output);
        string line = Assert.Single(ErrorLines);
        Assert.StartsWith("tdphw: ", line, StringComparison.Ordinal);
        Assert.Contains(expectedInMessage, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", line, StringComparison.Ordinal);
    }
}

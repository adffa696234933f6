using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Commands;
using TdpHw.Cli.Input;
using TdpHw.Cli.Output;
using TdpHw.Cli.Simulating;
using TdpHw.Cli.Tests.Running;
using TdpHw.Memory;

namespace TdpHw.Cli.Tests.Simulating;

/// <summary>Runs the command over a world of the test's own.</summary>
internal static class SimulateRun
{
    public static async Task<CliRun> OfAsync(Func<Timeline?, IScenarioWorld> world, byte[] input, params string[] args)
    {
        using var output = new MemoryStream();
        await using var errors = new StringWriter();
        var terminal = new Terminal(new MemoryStream(input), new Utf8Output(output), errors);
        int exit;
        try
        {
            exit = await new SimulateCommand(world).Create(terminal).Parse(args).InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is UsageException or InputException or ImageException)
        {
            exit = e is UsageException ? ExitCode.WrongUsage : ExitCode.BadInput;
            terminal.Report(e.Message);
        }

        terminal.Output.Flush();
        return new CliRun(exit, output.ToArray(), errors.ToString());
    }
}

using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Input;
using TdpHw.Cli.Output;
using TdpHw.Memory;

namespace TdpHw.Cli;

/// <summary>Starts the program and turns what happens into an exit code.</summary>
internal static class Program
{
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromMilliseconds(500);

    private static async Task<int> Main(string[] args)
    {
        using var ended = new CancellationTokenSource();
        int exit = ExitCode.Interrupted;
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            exit = context.Signal == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;
            ended.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        Task<int> run = Task.Run(() => RunAsync(args, Terminal.OfProcess(), ended.Token));
        if (await Task.WhenAny(run, Task.Delay(Timeout.Infinite, ended.Token)) == run && !ended.IsCancellationRequested)
        {
            return await run;
        }

        // A read of a terminal and a write to a full pipe do not end by themselves; the process need not wait for them.
        await Task.WhenAny(run, Task.Delay(TimeToEnd));
        return exit;
    }

    /// <summary>Runs a command line over streams, as nobody's terminal.</summary>
    /// <returns>The exit code.</returns>
    internal static Task<int> RunAsync(
        string[] args, Stream stdin, Stream stdout, TextWriter stderr, CancellationToken cancellation) =>
        RunAsync(args, new Terminal(stdin, new Utf8Output(stdout), stderr), cancellation);

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            return await RunAndFlushAsync(args, terminal, cancellation);
        }
        catch (OutputClosedException)
        {
            return ExitCode.Done;
        }
        catch (OutputFailedException e)
        {
            terminal.Report(e.Message);
            return ExitCode.BadInput;
        }
    }

    private static async Task<int> RunAndFlushAsync(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        string? message = null;
        int exit;
        try
        {
            exit = await InvokeAsync(args, terminal, cancellation);
        }
        catch (UsageException e)
        {
            (exit, message) = (ExitCode.WrongUsage, e.Message);
        }
        catch (Exception e) when (e is InputException or ImageException)
        {
            (exit, message) = (ExitCode.BadInput, e.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            exit = ExitCode.Interrupted;
        }
        catch (Exception e) when (e is not (OutputClosedException or OutputFailedException))
        {
            (exit, message) = (
                ExitCode.InternalError,
                $"internal error: {e.GetType().Name}: {e.Message}; please report this with the command line");
        }

        // What was answered before the end comes out, and comes before the message.
        terminal.Output.Flush();
        if (message is not null)
        {
            terminal.Report(message);
        }

        return exit;
    }

    private static async Task<int> InvokeAsync(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        // Not "@file": an argument is what it says.
        ParseResult parse = CommandTree.Create(terminal).Parse(
            args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Action is ParseErrorAction)
        {
            ParseErrors.Report(parse, terminal);
            return ExitCode.WrongUsage;
        }

        // Help, version and suggestions are written by the parser's library, as text.
        using var text = new StringWriter { NewLine = "\n" };
        int exit = await parse.InvokeAsync(
            new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = text,
                Error = terminal.Errors,
            },
            cancellation);
        terminal.Output.Write(text.ToString());
        return exit;
    }
}

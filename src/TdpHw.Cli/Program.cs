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

    // A thread of its own, not a task: the first task of a process costs a short run noticeably more time.
    private static int Main(string[] args)
    {
        using var ended = new CancellationTokenSource();
        var isOver = new ManualResetEventSlim();
        int exit = ExitCode.Done;
        int signalled = ExitCode.Interrupted;
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            signalled = context.Signal == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;
            ended.Cancel();
            isOver.Set();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        Terminal terminal = Terminal.OfProcess(ended.Token);
        var run = new Thread(() =>
        {
            exit = Run(args, terminal);
            isOver.Set();
        })
        {
            IsBackground = true,
        };
        run.Start();

        // Beside the run, which comes to its output later.
        terminal.Output.Open();
        isOver.Wait();
        if (!ended.IsCancellationRequested)
        {
            return exit;
        }

        // A read of a terminal and a write to a full pipe do not end by themselves; the process need not wait for them.
        run.Join(TimeToEnd);
        return signalled;
    }

    /// <summary>Runs a command line over streams, as nobody's terminal.</summary>
    /// <returns>The exit code.</returns>
    internal static int Run(
        string[] args, Stream stdin, Stream stdout, TextWriter stderr, CancellationToken cancellation) =>
        Run(args, new Terminal(() => stdin, new Utf8Output(stdout), stderr) { Ended = cancellation });

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    internal static int Run(string[] args, Terminal terminal)
    {
        try
        {
            return RunAndFlush(args, terminal);
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

    private static int RunAndFlush(string[] args, Terminal terminal)
    {
        string? message = null;
        int exit;
        try
        {
            exit = Invoke(args, terminal);
        }
        catch (UsageException e)
        {
            (exit, message) = (ExitCode.WrongUsage, e.Message);
        }
        catch (FindingException e)
        {
            (exit, message) = (ExitCode.Finding, e.Message);
        }
        catch (Exception e) when (e is InputException or ImageException)
        {
            (exit, message) = (ExitCode.BadInput, e.Message);
        }
        catch (OperationCanceledException) when (terminal.Ended.IsCancellationRequested)
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

    private static int Invoke(string[] args, Terminal terminal)
    {
        ParseResult parse = CommandTree.Parse(args, terminal);
        if (parse.Action is ParseErrorAction)
        {
            ParseErrors.Report(parse, terminal);
            return ExitCode.WrongUsage;
        }

        // Help, version and suggestions are written by the parser's library, as text.
        using var text = new StringWriter { NewLine = "\n" };
        int exit = parse.Invoke(
            new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = text,
                Error = terminal.Errors,
            });
        terminal.Output.Write(text.ToString());
        return exit;
    }
}

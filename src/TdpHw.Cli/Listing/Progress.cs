using System.Diagnostics;
using System.Globalization;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.Listing;

/// <summary>
/// Shows how far long work is, to a person who does not see the output itself. Also the place where long work notices that
/// it was ended.
/// </summary>
/// <param name="terminal">Where it is shown.</param>
/// <param name="cancellation">Ends the work.</param>
internal sealed class Progress(Terminal terminal, CancellationToken cancellation)
{
    private const int StepsPerLook = 4096;
    private const long MillisecondsBeforeFirst = 1000;
    private const long MillisecondsBetween = 200;

    private readonly bool _isShown = terminal.ErrorsAreTerminal && !terminal.OutputIsTerminal;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private long _next = MillisecondsBeforeFirst;
    private bool _hasLine;
    private int _steps;

    /// <summary>Notes a step.</summary>
    /// <param name="rows">How many rows were written so far.</param>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public void Step(long rows)
    {
        if (++_steps >= StepsPerLook)
        {
            _steps = 0;
            Look(rows);
        }
    }

    /// <summary>Takes the line away.</summary>
    public void End()
    {
        if (_hasLine)
        {
            terminal.Errors.Write("\r\u001b[K");
            _hasLine = false;
        }
    }

    private void Look(long rows)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_isShown && _clock.ElapsedMilliseconds >= _next)
        {
            _next = _clock.ElapsedMilliseconds + MillisecondsBetween;
            _hasLine = true;
            terminal.Errors.Write(string.Create(CultureInfo.InvariantCulture, $"\r\u001b[K{rows:N0} rows"));
        }
    }
}

namespace TdpHw.Cli;

/// <summary>What the program's exit code says. Scripts rely on these numbers.</summary>
internal static class ExitCode
{
    /// <summary>Done; the answer is yes, or all was fine.</summary>
    public const int Done = 0;

    /// <summary>Done; there is a finding: an address is not mapped, a table is not in memory or on its own path.</summary>
    public const int Finding = 1;

    /// <summary>The command line is wrong.</summary>
    public const int WrongUsage = 2;

    /// <summary>The input can't be read or is malformed, or a listing was cut.</summary>
    public const int BadInput = 3;

    /// <summary>A fault of the program itself.</summary>
    public const int InternalError = 70;

    /// <summary>Ended by Ctrl-C: what shells give for the signal.</summary>
    public const int Interrupted = 130;

    /// <summary>Ended by a request to terminate: what shells give for the signal.</summary>
    public const int Terminated = 143;
}

using System.CommandLine;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.CommandLine;

/// <summary>A command of the program.</summary>
internal interface ICommandSource
{
    /// <summary>Command lines that show what it is for.</summary>
    string[] Examples { get; }

    /// <summary>Makes the command.</summary>
    /// <param name="terminal">What it reads from and writes to.</param>
    Command Create(Terminal terminal);
}

namespace TdpHw.Cli.CommandLine;

/// <summary>The command line asks for something that there is not.</summary>
/// <param name="message">One line: what is wrong and what to write instead.</param>
internal sealed class UsageException(string message) : Exception(message);

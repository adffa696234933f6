namespace TdpHw.Cli.Input;

/// <summary>What was asked for is not there: an answer, neither wrong usage nor bad input.</summary>
/// <param name="message">One line: what is not there, and why.</param>
internal sealed class FindingException(string message) : Exception(message);

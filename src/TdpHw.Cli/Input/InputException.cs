namespace TdpHw.Cli.Input;

/// <summary>The input is malformed, or holds more than may be listed.</summary>
/// <param name="message">One line: where, and what is wrong.</param>
internal sealed class InputException(string message) : Exception(message);

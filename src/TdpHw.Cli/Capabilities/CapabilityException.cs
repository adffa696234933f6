namespace TdpHw.Cli.Capabilities;

/// <summary>A capability is unknown or can't have the value given.</summary>
/// <param name="message">One line: which, and what it takes.</param>
internal sealed class CapabilityException(string message) : Exception(message);

namespace TdpHw.Cli.Output;

/// <summary>Nobody reads the output any more, as after <c>| head</c>: a reason to stop, not an error.</summary>
internal sealed class OutputClosedException() : Exception("the output is closed");

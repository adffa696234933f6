namespace TdpHw.Cli.Output;

/// <summary>The output can't be written, as on a full disk.</summary>
/// <param name="cause">What the system said.</param>
internal sealed class OutputFailedException(Exception cause)
    : Exception($"the output can't be written: {(cause.InnerException ?? cause).Message}", cause);

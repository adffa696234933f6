namespace TdpHw.Cli.CommandLine;

/// <summary>Messages of argument exceptions, for people who have no parameters.</summary>
internal static class ArgumentMessage
{
    /// <summary>The message without the name of the parameter that .NET appends.</summary>
    public static string Of(ArgumentException exception)
    {
        string suffix = $" (Parameter '{exception.ParamName}')";
        return exception.Message.EndsWith(suffix, StringComparison.Ordinal)
            ? exception.Message[..^suffix.Length]
            : exception.Message;
    }
}

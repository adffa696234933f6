using System.CommandLine;

namespace TdpHw.Cli.CommandLine;

/// <summary>Reads options that are on or off.</summary>
internal static class Flags
{
    // The value is read by code that each process compiles anew, and most lines have no flags.

    /// <summary>Whether <paramref name="flag"/> is given, and not as <c>false</c>.</summary>
    public static bool IsOn(this ParseResult parse, Option<bool> flag) =>
        parse.GetResult(flag) is { Implicit: false } && parse.GetValue(flag);
}

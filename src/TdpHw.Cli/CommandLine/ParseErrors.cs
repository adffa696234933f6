using System.CommandLine;
using System.CommandLine.Parsing;
using TdpHw.Cli.Input;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.CommandLine;

/// <summary>Tells what is wrong with a command line.</summary>
internal static class ParseErrors
{
    /// <summary>Writes one line for each word that is wrong.</summary>
    public static void Report(ParseResult parse, Terminal terminal)
    {
        CommandResult command = parse.CommandResult;

        // After a mistyped command all that follows is unknown too, and says nothing.
        int shown = command.Command is RootCommand ? 1 : int.MaxValue;
        string[] known =
        [
            .. command.Command.Options.SelectMany(o => o.Aliases.Append(o.Name)),
            .. command.Command.Subcommands.Select(c => c.Name),
        ];
        foreach (string message in parse.Errors.Select(e => Explain(e.Message, parse, known)).Distinct().Take(shown))
        {
            terminal.Report(message);
        }
    }

    private static string Explain(string message, ParseResult parse, string[] known)
    {
        string text = message.TrimEnd('.');
        string? word = parse.UnmatchedTokens.FirstOrDefault(t => text.Contains($"'{t}'", StringComparison.Ordinal));
        return word is null ? text : $"{text}{NearestName.Hint(word, known)}";
    }
}

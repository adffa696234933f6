using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace TdpHw.Cli.CommandLine;

/// <summary>The usual help, with examples at its end.</summary>
/// <param name="help">The usual help.</param>
/// <param name="examples">The examples of each command that has some.</param>
/// <param name="isAsked">
/// Whether it was asked for, and is wanted on a line with an error too; not when it is what there is to say without a command.
/// </param>
internal sealed class ExamplesHelpAction(
    HelpAction help, IReadOnlyDictionary<Command, string[]> examples, bool isAsked) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => isAsked;

    public override int Invoke(ParseResult parseResult)
    {
        int exit = help.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out string[]? lines))
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.Write("Examples:\n");
            foreach (string line in lines)
            {
                output.Write($"  {line}\n");
            }
        }

        return exit;
    }
}

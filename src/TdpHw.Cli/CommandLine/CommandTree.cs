using System.CommandLine;
using System.CommandLine.Help;
using TdpHw.Cli.Commands;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.CommandLine;

/// <summary>All commands of the program.</summary>
internal static class CommandTree
{
    /// <summary>Makes the commands, which read from and write to <paramref name="terminal"/>.</summary>
    public static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand("Walk, translate and explain page tables, and check whether they can be shared.");
        var examples = new Dictionary<Command, string[]>();
        ICommandSource[] sources =
        [
            new FormatsCommand(),
            new DescribeCommand(),
            new ExplainCommand(),
            new WalkCommand(),
            new TranslateCommand(),
            new CheckCommand(),
            new SimulateCommand(),
            new VectorsCommand(),
            new CompletionCommand(),
        ];
        foreach (ICommandSource source in sources)
        {
            Command command = source.Create(terminal);
            examples.Add(command, source.Examples);
            root.Add(command);
        }

        root.Options.OfType<VersionOption>().Single().Action = new VersionAction();
        var help = new HelpOption("--help", "-h", "-?");
        var plain = (HelpAction)help.Action!;
        help.Action = new ExamplesHelpAction(plain, examples, isAsked: true);

        // The usual one also answers to /h and /?, which are paths.
        root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Add(help);
        root.Action = new ExamplesHelpAction(plain, examples, isAsked: false);
        return root;
    }
}

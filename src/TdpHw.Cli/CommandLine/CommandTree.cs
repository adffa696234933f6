using System.CommandLine;
using System.CommandLine.Help;
using TdpHw.Cli.Commands;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.CommandLine;

/// <summary>All commands of the program.</summary>
internal static class CommandTree
{
    private static readonly (string Name, Func<ICommandSource> Create)[] Sources =
    [
        ("formats", static () => new FormatsCommand()),
        ("describe", static () => new DescribeCommand()),
        ("explain", static () => new ExplainCommand()),
        ("walk", static () => new WalkCommand()),
        ("translate", static () => new TranslateCommand()),
        ("check", static () => new CheckCommand()),
        ("simulate", static () => new SimulateCommand()),
        ("vectors", static () => new VectorsCommand()),
        ("completion", static () => new CompletionCommand()),
    ];

    /// <summary>
    /// Makes the commands that a line may be about: all, or the one that its first word names, because a start that makes the
    /// options of all nine takes noticeably longer.
    /// </summary>
    /// <param name="terminal">What the commands read from and write to.</param>
    /// <param name="line">The words of the command line.</param>
    public static RootCommand Create(Terminal terminal, ReadOnlySpan<string> line)
    {
        var root = new RootCommand("Walk, translate and explain page tables, and check whether they can be shared.");
        var examples = new Dictionary<Command, string[]>();
        string? first = line.IsEmpty ? null : line[0];
        ICommandSource[] sources = Find(first) is { } named ? [named] : [.. Sources.Select(s => s.Create())];
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

    private static ICommandSource? Find(string? name)
    {
        foreach ((string known, Func<ICommandSource> create) in Sources)
        {
            if (known == name)
            {
                return create();
            }
        }

        return null;
    }
}

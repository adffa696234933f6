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

    // Not "@file": an argument is what it says.
    private static readonly ParserConfiguration Configuration = new() { ResponseFileTokenReplacer = null };

    /// <summary>Parses a command line.</summary>
    /// <param name="line">Its words.</param>
    /// <param name="terminal">What the commands read from and write to.</param>
    public static ParseResult Parse(string[] line, Terminal terminal)
    {
        // Most lines name a command and are right. Nothing but that command decides what they mean, and a start that makes
        // the options of all nine, and looks up what the library says of help and version, takes noticeably longer.
        if (line is [var first, ..] && Find(first) is { } source && !MentionsHelp(line))
        {
            var root = new Command("tdphw");
            root.Add(source.Create(terminal));
            ParseResult parse = root.Parse(line, Configuration);
            if (parse.Errors.Count == 0)
            {
                return parse;
            }
        }

        return Create(terminal).Parse(line, Configuration);
    }

    private static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand("Walk, translate and explain page tables, and check whether they can be shared.");
        var examples = new Dictionary<Command, string[]>();
        foreach ((_, Func<ICommandSource> create) in Sources)
        {
            ICommandSource source = create();
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

    // Also as one letter of several behind one dash, or with a value behind it.
    private static bool MentionsHelp(string[] line)
    {
        foreach (string word in line)
        {
            if (word.StartsWith("--help", StringComparison.Ordinal) || (word is ['-', not '-', ..] && word.AsSpan().ContainsAny('h', '?')))
            {
                return true;
            }
        }

        return false;
    }

    private static ICommandSource? Find(string name)
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

using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Describing;
using TdpHw.Cli.Explaining;
using TdpHw.Cli.Faults;
using TdpHw.Cli.Images;
using TdpHw.Cli.Output;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Commands;

/// <summary><c>tdphw explain</c>: what an entry means, or what a kernel says of a DMA fault.</summary>
internal sealed class ExplainCommand : ICommandSource
{
    private readonly Argument<string?> _format = new("FORMAT")
    {
        Description = "The entries' format.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = Words.One,
    };

    private readonly Argument<string[]> _entries = new("ENTRY")
    {
        Description = "Entries, as 64-bit numbers.",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = Words.All,
    };

    private readonly Option<string?> _level = new("--level")
    {
        Description = "The level of the table that holds them, 1 for the smallest page (the default).",
        HelpName = "n",
    };

    private readonly Option<bool> _stdin = new("--stdin")
    {
        Description = """Answer questions from standard input, one a line: {"format","level","levels"?,"raw","caps"}.""",
    };

    private readonly Option<bool> _dmar = new("--dmar")
    {
        Description = "Say what kernel lines about DMA faults mean: lines as arguments, or from standard input (-).",
    };

    private readonly Option<string?> _image = new("--image")
    {
        Description = "With --dmar: an image in whose tables to look the faulting address up.",
        HelpName = "image",
    };

    private readonly Option<string?> _rtaddr = new("--rtaddr")
    {
        Description = "With --image: what RTADDR reads, where the image does not say it.",
        HelpName = "value",
    };

    private readonly Option<string[]> _settings = SharedOptions.Settings();
    private readonly Option<string?> _overlay = SharedOptions.Overlay();
    private readonly Option<string?> _form = SharedOptions.OutputForm();

    public string[] Examples =>
    [
        "tdphw explain ept 0x600000148504b77",
        "tdphw explain ept 0xf8700000f6 --set maxphyaddr=40 --overlay kvm-ept:low",
        """echo '{"format":"ept","level":2,"raw":"0x40000b7","caps":{"page_2m":0}}' | tdphw explain --stdin -o jsonl""",
        "dmesg | grep 'fault addr' | tdphw explain --dmar",
        "tdphw explain --dmar 'DMAR: [DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x0 [fault reason 0x05]'",
    ];

    public Command Create(Terminal terminal)
    {
        var command = new Command("explain", "Say what an entry, or a kernel line about a DMA fault, means.");
        command.Add(_format);
        command.Add(_entries);
        command.Add(_level);
        command.Add(_stdin);
        command.Add(_dmar);
        command.Add(_image);
        command.Add(_rtaddr);
        command.Add(_settings);
        command.Add(_overlay);
        command.Add(_form);
        SharedOptions.CompleteFormats(_format);
        SharedOptions.RefuseOptions(_format, "a format");
        SharedOptions.RefuseOptions(_entries, "an entry");
        command.SetAction(parse => Run(parse, terminal, terminal.Ended));
        return command;
    }

    private int Run(ParseResult parse, Terminal terminal, CancellationToken cancellation)
    {
        string? form = parse.GetValue(_form);
        string? format = parse.GetValue(_format);
        if (parse.IsOn(_dmar))
        {
            return ExplainFaults(parse, terminal, SharedOptions.ParseForm(form));
        }

        if (parse.GetValue(_image) is not null || parse.GetValue(_rtaddr) is not null)
        {
            throw new UsageException("--image and --rtaddr are for --dmar");
        }

        return parse.IsOn(_stdin)
            ? AnswerQuestions(parse, terminal, form, format, cancellation)
            : ExplainEntries(parse, terminal, SharedOptions.ParseForm(form), format);
    }

    private int AnswerQuestions(
        ParseResult parse, Terminal terminal, string? form, string? format, CancellationToken cancellation)
    {
        if (format is not null || parse.GetValue(_level) is not null)
        {
            throw new UsageException("--stdin takes format, level and entry from each question, not from the command line");
        }

        if (SharedOptions.ParseForm(form ?? "jsonl") != OutputForm.JsonLines)
        {
            throw new UsageException("--stdin answers with -o jsonl only");
        }

        new QuestionStream(terminal, parse.GetValue(_settings) ?? [], parse.GetValue(_overlay)).Answer(cancellation);
        return ExitCode.Done;
    }

    private int ExplainFaults(ParseResult parse, Terminal terminal, OutputForm form)
    {
        if (parse.IsOn(_stdin) || parse.GetValue(_level) is not null || parse.GetValue(_overlay) is not null)
        {
            throw new UsageException("--dmar takes kernel lines, not entries: no --stdin, --level or --overlay");
        }

        string? rtaddr = parse.GetValue(_rtaddr);
        string[] settings = parse.GetValue(_settings) ?? [];
        string? path = parse.GetValue(_image);
        if (path is null && (rtaddr is not null || settings.Length != 0))
        {
            throw new UsageException("--dmar: --rtaddr and --set are for the tables of --image");
        }

        // The first line takes the place of the format.
        string[] words = [.. ((string?[])[parse.GetValue(_format)]).OfType<string>(), .. parse.GetValue(_entries) ?? []];
        IEnumerable<FaultLine> lines = new FaultLines(terminal, words).Read();
        if (path is null)
        {
            FaultOutput.Write(terminal.Output, form, FaultExplanation.Explain(lines));
            return ExitCode.Done;
        }

        var request = new ImageRequest
        {
            Path = path,
            Rtaddr = rtaddr is null ? null : SharedOptions.ParseNumber("--rtaddr", rtaddr),
            Settings = settings,
        };
        return ImageSession.RunOnUnit(request, image =>
        {
            FaultOutput.Write(terminal.Output, form, FaultExplanation.Explain(lines, request, image));
            return ExitCode.Done;
        });
    }

    private int ExplainEntries(ParseResult parse, Terminal terminal, OutputForm form, string? id)
    {
        string[] words = parse.GetValue(_entries) ?? [];
        if (id is null || words.Length == 0)
        {
            throw new UsageException(id is null ? "name a format and entries, or read questions with --stdin" : "name an entry");
        }

        FormatDescription format = KnownFormats.Find(id) ?? throw new UsageException(KnownFormats.Unknown(id));
        string? software = parse.GetValue(_overlay);
        Machine machine = SharedOptions
            .Apply(
                new Machine(format.DefaultCapabilities, ChosenOverlay.Find(software, format)), parse.GetValue(_settings) ?? [])
            .Settled(software is not null, out string? dropped);
        EntryExplainer explainer = ExplainerSource.Create(format, machine);
        int level = SharedOptions.ParseSmall("--level", parse.GetValue(_level)) ?? 1;
        if (level < 1 || level > explainer.MaxLevel)
        {
            throw new UsageException($"--level: {id} has levels 1 to {explainer.MaxLevel}, not {level}");
        }

        var explanations = new Explanation[words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            explanations[i] = explainer.Explain(level, SharedOptions.ParseNumber("entry", words[i]));
        }

        if (dropped is not null)
        {
            terminal.Report(dropped);
        }

        Write(terminal.Output, form, explanations);
        return ExitCode.Done;
    }

    private static void Write(Utf8Output output, OutputForm form, Explanation[] explanations)
    {
        switch (form)
        {
            case OutputForm.Json:
                ExplanationJson.WriteDocument(output, explanations);
                break;
            case OutputForm.JsonLines:
                ExplanationJson.WriteLines(output, explanations);
                break;
            case OutputForm.Tsv:
                ExplanationTsv.WriteHeader(output);
                foreach (Explanation explanation in explanations)
                {
                    ExplanationTsv.Write(output, explanation);
                }

                break;
            default:
                for (int i = 0; i < explanations.Length; i++)
                {
                    output.Write(i == 0 ? "" : "\n");
                    ExplanationText.Write(output, explanations[i]);
                }

                break;
        }
    }
}

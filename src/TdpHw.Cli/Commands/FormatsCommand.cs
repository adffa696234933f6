using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Describing;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Commands;

/// <summary><c>tdphw formats</c>: which formats there are, and what a format looks like.</summary>
internal sealed class FormatsCommand : ICommandSource
{
    private readonly Argument<string?> _name = new("NAME")
    {
        Description = "A format to describe; all are listed when none is named.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _form = SharedOptions.OutputForm();

    public string[] Examples => ["tdphw formats", "tdphw formats ept", "tdphw formats vtd-ss -o json"];

    public Command Create(Terminal terminal)
    {
        var command = new Command("formats", "List formats, or describe one: levels, capabilities, bit layout.");
        command.Add(_name);
        command.Add(_form);
        SharedOptions.CompleteFormats(_name);
        SharedOptions.RefuseOptions(_name, "a format");
        command.SetAction(parse => Run(parse, terminal.Output));
        return command;
    }

    private int Run(ParseResult parse, Utf8Output output)
    {
        OutputForm form = SharedOptions.ParseForm(parse.GetValue(_form));
        if (parse.GetValue(_name) is not string name)
        {
            FormatList.Write(output, form);
            return ExitCode.Done;
        }

        FormatDescription format = KnownFormats.Find(name) ?? throw new UsageException(KnownFormats.Unknown(name));
        switch (form)
        {
            case OutputForm.Text:
                FormatText.Write(output, format);
                break;
            case OutputForm.Tsv:
                throw new UsageException("a description of a format has no rows: use -o text, json or jsonl");
            default:
                FormatJson.Write(output, format, isIndented: form == OutputForm.Json);
                break;
        }

        return ExitCode.Done;
    }
}

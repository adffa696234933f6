using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Describing;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Commands;

/// <summary><c>tdphw describe</c>: a format's entries drawn as manuals draw them, with every rule and its source.</summary>
internal sealed class DescribeCommand : ICommandSource
{
    private static readonly Dictionary<string, Action<Utf8Output, FormatDescription>> Forms = new()
    {
        ["text"] = static (output, format) => FormatText.Write(output, format, isDrawn: true),
        ["markdown"] = FormatMarkdown.Write,
        ["svg"] = FormatSvg.Write,
        ["json"] = static (output, format) => FormatJson.Write(output, format, isIndented: true),
    };

    private readonly Argument<string> _format = new("FORMAT") { Description = "The format." };

    private readonly Option<string> _form = new("--output", "-o")
    {
        Description = "Form of the description.",
        HelpName = string.Join('|', Forms.Keys),
        DefaultValueFactory = _ => "text",
    };

    public string[] Examples =>
        ["tdphw describe ept", "tdphw describe vtd-ss -o markdown > vtd-ss.md", "tdphw describe ept -o svg > ept.svg"];

    public Command Create(Terminal terminal)
    {
        var command = new Command("describe", "Draw a format's entries and list its rules, as text, Markdown or SVG.");
        command.Add(_format);
        command.Add(_form);
        _form.CompletionSources.Add([.. Forms.Keys]);
        SharedOptions.CompleteFormats(_format);
        SharedOptions.RefuseOptions(_format, "a format");
        command.SetAction(parse => Run(parse, terminal.Output));
        return command;
    }

    private int Run(ParseResult parse, Utf8Output output)
    {
        string name = parse.GetValue(_format)!;
        string form = parse.GetValue(_form)!;
        Action<Utf8Output, FormatDescription> write = Forms.GetValueOrDefault(form == "md" ? "markdown" : form)
            ?? throw new UsageException($"unknown output '{form}'; there are: {string.Join(", ", Forms.Keys)}");
        write(output, KnownFormats.Find(name) ?? throw new UsageException(KnownFormats.Unknown(name)));
        return ExitCode.Done;
    }
}

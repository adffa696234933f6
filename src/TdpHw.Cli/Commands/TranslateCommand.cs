using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Images;
using TdpHw.Cli.Listing;
using TdpHw.Cli.Output;
using TdpHw.Cli.Translating;
using TdpHw.Formats;

namespace TdpHw.Cli.Commands;

/// <summary><c>tdphw translate</c>: what addresses translate to.</summary>
internal sealed class TranslateCommand : ICommandSource
{
    private readonly ImageOptions _image = new();

    private readonly Argument<string[]> _addresses = new("ADDRESS")
    {
        Description = "Addresses to translate.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _stdin = new("--stdin") { Description = "Read addresses from standard input, one a line." };

    private readonly Option<string?> _access = new("--access")
    {
        Description = "What the access needs: read, write, execute, execute in user mode.",
        HelpName = "r|w|x|u",
    };

    private readonly Option<string?> _form = SharedOptions.OutputForm();

    public string[] Examples =>
    [
        "tdphw translate captures/ept-default 0x1234 0xa0000000 --access w",
        "cut -f2 addresses.tsv | tdphw translate captures/vtd-ss-48 --stdin --root 00:07.0 -o jsonl",
    ];

    public Command Create(Terminal terminal)
    {
        var command = new Command("translate", "Translate addresses through the tables of an image.");
        _image.AddTo(command);
        command.Add(_addresses);
        command.Add(_stdin);
        command.Add(_access);
        command.Add(_form);
        SharedOptions.RefuseOptions(_addresses, "an address");
        _access.CompletionSources.Add("r", "w", "x", "u");
        command.SetAction((parse, cancellation) => Task.FromResult(Run(parse, terminal, cancellation)));
        return command;
    }

    private int Run(ParseResult parse, Terminal terminal, CancellationToken cancellation)
    {
        OutputForm form = SharedOptions.ParseForm(parse.GetValue(_form));
        Access access = ParseAccess(parse.GetValue(_access));
        var work = new AddressTranslation(
            terminal,
            TranslationWriter.Create(form, terminal.Output),
            Addresses(parse),
            access,
            new Progress(terminal, cancellation));
        return ImageSession.Run(_image.Read(parse), work);
    }

    private ulong[]? Addresses(ParseResult parse)
    {
        string[] words = parse.GetValue(_addresses) ?? [];
        bool fromInput = parse.GetValue(_stdin);
        if (fromInput != (words.Length == 0))
        {
            throw new UsageException(fromInput
                ? "--stdin and addresses on the command line exclude each other"
                : "no address to translate: name some, or read them with --stdin");
        }

        return fromInput ? null : [.. words.Select(w => SharedOptions.ParseNumber("address", w))];
    }

    private static Access ParseAccess(string? text) => text switch
    {
        null => Access.None,
        "r" => Access.Read,
        "w" => Access.Write,
        "x" => Access.Execute,
        "u" => Access.UserExecute,
        _ => throw new UsageException($"unknown access '{text}'; there are: r, w, x, u"),
    };
}

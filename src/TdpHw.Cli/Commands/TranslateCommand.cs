using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Devices;
using TdpHw.Cli.Images;
using TdpHw.Cli.Listing;
using TdpHw.Cli.Output;
using TdpHw.Cli.Translating;
using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Commands;

/// <summary><c>tdphw translate</c>: what addresses translate to.</summary>
internal sealed class TranslateCommand : ICommandSource
{
    private readonly ImageOptions _image = new();
    private readonly DeviceOptions _device = new(", where the image does not say it; for --device.");

    private readonly Argument<string[]> _addresses = new("ADDRESS")
    {
        Description = "Addresses to translate.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _stdin = new("--stdin") { Description = "Read addresses from standard input, one a line." };

    private readonly Option<string?> _access = new("--access")
    {
        Description = "What the access needs: read, write, execute, execute in user mode. A device reads (the default) or writes.",
        HelpName = "r|w|x|u",
    };

    private readonly Option<string?> _form = SharedOptions.OutputForm();

    public string[] Examples =>
    [
        "tdphw translate captures/ept-default 0x1234 0xa0000000 --access w",
        "cut -f2 addresses.tsv | tdphw translate captures/vtd-ss-48 --stdin --root 00:07.0 -o jsonl",
        "tdphw translate captures/vtd-ss-48 --device 00:03.0 --access w 0x12345000",
    ];

    public Command Create(Terminal terminal)
    {
        var command = new Command("translate", "Translate addresses through the tables of an image.");
        _image.AddTo(command);
        _device.AddTo(command);
        command.Add(_addresses);
        command.Add(_stdin);
        command.Add(_access);
        command.Add(_form);
        SharedOptions.RefuseOptions(_addresses, "an address");
        _access.CompletionSources.Add("r", "w", "x", "u");
        command.SetAction(parse => Run(parse, terminal, terminal.Ended));
        return command;
    }

    private int Run(ParseResult parse, Terminal terminal, CancellationToken cancellation)
    {
        OutputForm form = SharedOptions.ParseForm(parse.GetValue(_form));
        string? access = parse.GetValue(_access);
        ImageRequest request = _device.Read(parse, _image.Read(parse));
        var questions = new AddressQuestions(terminal, Addresses(parse));
        var progress = new Progress(terminal, cancellation);
        TranslationRun Answers() => new(TranslationWriter.Create(form, terminal), questions, progress);
        if (request.Device is not DeviceAddress device)
        {
            return !request.IsByDevice
                ? ImageSession.Run(request, new AddressTranslation(Answers(), ParseAccess(access)))
                : throw new UsageException($"{(request.Devtab is null ? "--rtaddr" : "--devtab")}: name the device with --device");
        }

        Access wanted = ParseDeviceAccess(access);
        return ImageSession.RunOnUnit(request, image => AmdViSource.IsMeant(request, image)
            ? RunOnAmdVi(request, image, device, Answers(), wanted)
            : image.Accept(new DeviceTranslation(
                DeviceTables.Find(request, image, device), DeviceAnswerWriter.Create(form, terminal), questions, wanted, progress)));
    }

    private static int RunOnAmdVi(
        ImageRequest request, TableImage image, DeviceAddress device, TranslationRun run, Access access) =>
        AmdViSource.Find(request, image, device) is { } found && AmdViPassing.IsOf(found)
            ? new AmdViPassing(found, run, access).Answer()
            : ImageSession.Run(request, image, new AddressTranslation(run, access));

    private ulong[]? Addresses(ParseResult parse)
    {
        string[] words = parse.GetValue(_addresses) ?? [];
        bool fromInput = parse.IsOn(_stdin);
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

    private static Access ParseDeviceAccess(string? text) => text switch
    {
        null or "r" => Access.Read,
        "w" => Access.Write,
        _ => throw new UsageException($"--access: a device reads or writes, r or w, not '{text}'"),
    };
}

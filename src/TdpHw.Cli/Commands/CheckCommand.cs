using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using TdpHw.Cli.Checking;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Describing;
using TdpHw.Cli.Images;
using TdpHw.Cli.Matrix;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Commands;

/// <summary><c>tdphw check</c>: whether other hardware can walk an image's tables.</summary>
internal sealed class CheckCommand : ICommandSource
{
    private readonly ImageOptions _image = new(
        "Set a capability of the importer, or all that a whole register tells (repeatable); the image tells the exporter's.");

    private readonly Option<string?> _importer = new("--importer")
    {
        Description = "Format of the hardware that would load the tables.",
        HelpName = "name",
    };

    private readonly Option<bool> _matrix = new("--matrix")
    {
        Description = "Instead of an image, judge every exporter with every importer from their definitions.",
    };

    private readonly Option<string?> _overlay = SharedOptions.Overlay();
    private readonly Option<string?> _maxRows = SharedOptions.MaxRows("Stop after so many entries; 2^28 when not given.");

    private readonly Option<string?> _form = SharedOptions.OutputForm(
        "Form of the answer. json: all of it; jsonl: the verdict, then a line for each reason, then one for each entry in the "
        + "way; tsv: a row for each reason, the exit code being the verdict.");

    public string[] Examples =>
    [
        "tdphw check captures/ept-default --importer vtd-ss",
        "tdphw check captures/ept-default --importer vtd-ss --set haw=46 --set ecap=0xf020df -o json",
        "tdphw check captures/ept-default --importer vtd-ss --overlay kvm-ept:high --set snoop_control=false -o tsv",
        "tdphw check --matrix",
    ];

    public Command Create(Terminal terminal)
    {
        var command = new Command(
            "check", "Say whether other hardware can walk an image's tables as they are: 0 yes, 1 no, with every reason.");
        _image.AddTo(command);
        _image.MakeOptional();
        command.Add(_importer);
        command.Add(_matrix);
        command.Add(_overlay);
        command.Add(_maxRows);
        command.Add(_form);
        SharedOptions.CompleteFormats(_importer);
        command.SetAction(parse => Run(parse, terminal, terminal.Ended));
        return command;
    }

    private int Run(ParseResult parse, Terminal terminal, CancellationToken cancellation)
    {
        OutputForm form = SharedOptions.ParseForm(parse.GetValue(_form));
        if (parse.IsOn(_matrix))
        {
            return WriteMatrix(parse, terminal.Output, form);
        }

        string id = parse.GetValue(_importer) ?? throw new UsageException("option '--importer' is required");
        FormatDescription format = KnownFormats.Find(id) ?? throw new UsageException($"--importer: {KnownFormats.Unknown(id)}");
        ImageRequest request = _image.Read(parse, parse.GetValue(_overlay)) with { Note = terminal.Report };
        var importer = new Importer(format, request.Settings);
        long maxEntries = SharedOptions.ParseMaxRows(parse.GetValue(_maxRows));

        // The settings are the importer's: the exporter is what the image says.
        CheckAnswer answer = ImageSession.Run(
            request with { Settings = [] }, new CheckWork(importer, maxEntries, cancellation));
        Write(terminal, form, answer);
        return answer.Report.IsShareable ? ExitCode.Done : ExitCode.Finding;
    }

    private int WriteMatrix(ParseResult parse, Utf8Output output, OutputForm form)
    {
        OptionResult? other = parse.CommandResult.Children.OfType<OptionResult>()
            .FirstOrDefault(o => !o.Implicit && o.Option != _matrix && o.Option != _form);
        if (_image.IsGiven(parse) || other is not null)
        {
            throw new UsageException(
                $"--matrix judges all definitions: it takes no image and no {other?.Option.Name ?? _importer.Name}");
        }

        IEnumerable<MatrixPair> pairs = ShareMatrix.Judge();
        switch (form)
        {
            case OutputForm.Text:
                MatrixText.Write(output, [.. pairs]);
                break;
            case OutputForm.Tsv:
                throw new UsageException("the matrix has no rows of one form: use -o text, json or jsonl");
            default:
                MatrixJson.Write(output, pairs, isArray: form == OutputForm.Json);
                break;
        }

        return ExitCode.Done;
    }

    private static void Write(Terminal terminal, OutputForm form, CheckAnswer answer)
    {
        switch (form)
        {
            case OutputForm.Json:
                CheckJson.WriteDocument(terminal.Output, answer);
                break;
            case OutputForm.JsonLines:
                CheckJson.WriteLines(terminal.Output, answer);
                break;
            case OutputForm.Tsv:
                CheckTsv.Write(terminal.Output, answer);
                break;
            default:
                new CheckText(terminal.Output, answer).Write();
                return;
        }

        if (!answer.Report.IsComplete)
        {
            terminal.Report(string.Create(
                CultureInfo.InvariantCulture,
                $"not all could be judged: {answer.Report.NotInMemory} tables are not in memory, {answer.Report.Cycles} are on their own path"));
        }

        if (form != OutputForm.Tsv && answer.Report.OffenderCount > answer.Report.Offenders.Length)
        {
            terminal.Report(string.Create(
                CultureInfo.InvariantCulture,
                $"the first {answer.Report.Offenders.Length} of {answer.Report.OffenderCount} entries are listed; the counts are of all"));
        }
    }
}

using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Devices;
using TdpHw.Cli.Images;
using TdpHw.Cli.Listing;
using TdpHw.Cli.Output;
using TdpHw.Cli.Overview;
using TdpHw.Core.Iommu;
using TdpHw.Formats;

namespace TdpHw.Cli.Commands;

/// <summary><c>tdphw walk</c>: what the tables of an image hold.</summary>
internal sealed class WalkCommand : ICommandSource
{
    private readonly ImageOptions _image = new();

    private readonly DeviceOptions _device = new(
        ": alone it lists the devices that it leads to; with --leaves, --ranges or --special their tables.");

    private readonly Option<string?> _overlay = SharedOptions.Overlay();
    private readonly Option<bool> _leaves = new("--leaves") { Description = "List every leaf." };
    private readonly Option<bool> _ranges = new("--ranges") { Description = "List ranges that are mapped alike." };

    private readonly Option<bool> _special = new("--special")
    {
        Description = "List entries that hold something and do not translate.",
    };

    private readonly Option<string?> _maxRows = SharedOptions.MaxRows(
        "Stop a listing after so many rows (for ranges: leaves); 2^28 when not given.");

    private readonly Option<string?> _form = SharedOptions.OutputForm();

    public string[] Examples =>
    [
        "tdphw walk captures/ept-default",
        "tdphw walk captures/ept-default --leaves -o tsv",
        "tdphw walk memory.bin --base 0x100000000 --format ept --root 0x14aa62000 --set maxphyaddr=40 --ranges",
        "tdphw walk captures/vtd-ss-48 --rtaddr 0xdf15000",
        "tdphw walk captures/vtd-ss-48 --device 00:03.0 --leaves",
        "tdphw walk memory.bin --devtab 0x4800001",
    ];

    public Command Create(Terminal terminal)
    {
        var command = new Command("walk", "Show what the tables of an image hold.");
        _image.AddTo(command);
        _device.AddTo(command);
        command.Add(_overlay);
        command.Add(_leaves);
        command.Add(_ranges);
        command.Add(_special);
        command.Add(_maxRows);
        command.Add(_form);
        command.SetAction(parse => Run(parse, terminal, terminal.Ended));
        return command;
    }

    private int Run(ParseResult parse, Terminal terminal, CancellationToken cancellation)
    {
        OutputForm form = SharedOptions.ParseForm(parse.GetValue(_form));
        bool leaves = parse.IsOn(_leaves);
        bool ranges = parse.IsOn(_ranges);
        bool special = parse.IsOn(_special);
        if ((leaves ? 1 : 0) + (ranges ? 1 : 0) + (special ? 1 : 0) > 1)
        {
            throw new UsageException("--leaves, --ranges and --special exclude each other");
        }

        ImageRequest request = _device.Read(parse, _image.Read(parse, parse.GetValue(_overlay))) with { Note = terminal.Report };
        var bounds = new ListingBounds(SharedOptions.ParseMaxRows(parse.GetValue(_maxRows)));
        var findings = new Findings(terminal);
        var progress = new Progress(terminal, cancellation);
        if (!leaves && !ranges && !special)
        {
            if (request is { Device: null, IsByDevice: true })
            {
                return request.Rtaddr is null ? ListAmdViDevices(request, terminal, form) : ListDevices(request, terminal, form);
            }

            return ShowOverview(
                request, terminal, form, new OverviewSurvey(bounds.MaxRows, findings, progress, cancellation), findings);
        }

        RowWriter rows = RowWriter.Create(form, terminal.Output);
        ITableWork<int> listing = ranges
            ? new RangeListing(rows, bounds, findings, progress)
            : new EntryListing(leaves ? Wanted.Leaves : Wanted.Specials, rows, bounds, findings, progress);
        return ImageSession.Run(request, listing);
    }

    private static int ListDevices(ImageRequest request, Terminal terminal, OutputForm form)
    {
        DeviceList list = ImageSession.RunOnUnit(request, image => DeviceList.Of(request, image));
        DeviceListOutput.Write(terminal.Output, form, list);
        return list.Devices.Any(d => d.Fault != VtdFaultReason.None) ? ExitCode.Finding : ExitCode.Done;
    }

    private static int ListAmdViDevices(ImageRequest request, Terminal terminal, OutputForm form)
    {
        AmdViDeviceList list = ImageSession.RunOnUnit(request, image => AmdViDeviceList.Of(request, image));
        AmdViDeviceListOutput.Write(terminal.Output, form, list);
        return list.Devices.Any(d => d.Fault != AmdViFault.None) ? ExitCode.Finding : ExitCode.Done;
    }

    private static int ShowOverview(
        ImageRequest request, Terminal terminal, OutputForm form, OverviewSurvey survey, Findings findings)
    {
        if (form == OutputForm.Tsv)
        {
            throw new UsageException("an overview has no rows: add --leaves, --ranges or --special for -o tsv");
        }

        ImageOverview overview = ImageSession.Run(request, survey);
        switch (form)
        {
            case OutputForm.Json or OutputForm.JsonLines:
                OverviewJson.Write(terminal.Output, overview, isIndented: form == OutputForm.Json);
                break;
            case OutputForm.Text when terminal.OutputIsTerminal:
                OverviewConsole.Write(terminal, overview);
                break;
            default:
                OverviewText.Write(terminal.Output, overview);
                break;
        }

        return findings.Exit;
    }
}

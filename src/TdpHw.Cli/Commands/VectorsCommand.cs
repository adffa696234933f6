using System.CommandLine;
using System.Text.Json;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Describing;
using TdpHw.Cli.Output;
using TdpHw.Cli.Vectors;
using TdpHw.Formats;

namespace TdpHw.Cli.Commands;

/// <summary><c>tdphw vectors</c>: entries with the verdict that hardware gives, to test emulators, drivers and hardware with.</summary>
internal sealed class VectorsCommand : ICommandSource
{
    private readonly Argument<string> _format = new("FORMAT") { Description = "The format." };

    private readonly Option<string[]> _settings = SharedOptions.Settings(
        "Set a capability of the machine that the others differ from (repeatable).");

    private readonly Option<bool> _isOne = new("--one-machine") { Description = "Try no machine but that one." };

    public string[] Examples =>
        ["tdphw vectors ept > ept.jsonl", "tdphw vectors vtd-ss --set haw=39 --one-machine", "tdphw vectors ept | tdphw explain --stdin -o jsonl"];

    public Command Create(Terminal terminal)
    {
        var command = new Command(
            "vectors", "Print conformance vectors as JSON lines: entries at each level, each bit flipped, on many machines.");
        command.Add(_format);
        command.Add(_settings);
        command.Add(_isOne);
        SharedOptions.CompleteFormats(_format);
        SharedOptions.RefuseOptions(_format, "a format");
        command.SetAction(parse => Run(parse, terminal.Output, terminal.Ended));
        return command;
    }

    private int Run(ParseResult parse, Utf8Output output, CancellationToken cancellation)
    {
        string name = parse.GetValue(_format)!;
        FormatDescription format = KnownFormats.Find(name) ?? throw new UsageException(KnownFormats.Unknown(name));
        CapabilityValues usual = SharedOptions.Apply(format.DefaultCapabilities, parse.GetValue(_settings) ?? []);
        IEnumerable<CapabilityValues> machines = parse.IsOn(_isOne) ? [usual] : MachineSettings.Around(usual);
        using Utf8JsonWriter json = JsonText.CreateWriter(output);
        foreach (Vector vector in VectorSource.Of(format, machines))
        {
            cancellation.ThrowIfCancellationRequested();
            VectorJson.Write(json, format, vector);
            json.Flush();
            json.Reset();
            output.WriteLine();
        }

        return ExitCode.Done;
    }
}

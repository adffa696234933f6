using System.Globalization;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.Devices;

/// <summary>Answers as columns separated by tabs; a line that was no address has the result <c>error</c>.</summary>
/// <param name="terminal">Where they go; no column has room for what is wrong with a line, which is a message.</param>
internal sealed class DeviceAnswerTsv(Terminal terminal) : DeviceAnswerWriter
{
    private readonly Utf8Output _output = terminal.Output;

    public override void Begin() =>
        _output.WriteLine("device\taddress\taccess\tresult\treason\thpa\tlevel\tentry\tentry_address");

    public override void Write(in DeviceAnswer answer) => _output.WriteLine(string.Join('\t',
    [
        answer.Result.Device.Address.ToString(),
        HexText.Of(answer.Address),
        answer.AccessWord,
        answer.Outcome,
        answer.Result.IsAllowed ? "-" : DeviceWords.Of(answer.Result.Reason),
        answer.HasOutput ? answer.Result.Output.ToString() : "-",
        answer.Walk is { } walk ? walk.Level.ToString(CultureInfo.InvariantCulture) : "-",
        answer.Entry is ulong entry ? HexText.Of(entry) : "-",
        answer.Walk is { } found ? found.EntryAddress.ToString() : "-",
    ]));

    public override void WriteError(string problem)
    {
        _output.WriteLine("-\t-\t-\terror\t-\t-\t-\t-\t-");
        terminal.Report(problem);
    }
}

using System.Globalization;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Translating;

/// <summary>Answers as columns separated by tabs; a line that was no address has the outcome <c>error</c>.</summary>
/// <param name="terminal">Where they go; no column has room for what is wrong with a line, which is a message.</param>
internal sealed class TranslationTsv(Terminal terminal) : TranslationWriter
{
    private readonly Utf8Output _output = terminal.Output;

    public override void Begin() =>
        _output.WriteLine("address\toutcome\thpa\tsize\tlevel\tentry\tentry_address\trights\tmemory_type");

    public override void Write(in Translation translation)
    {
        WalkResult result = translation.Result;
        _output.WriteLine(string.Join('\t',
        [
            HexText.Of(translation.Address),
            AnswerWords.Outcome(result.Outcome),
            translation.HasOutput ? result.Output.ToString() : "-",
            translation.IsLeafReached ? HexText.Of(result.PageSize) : "-",
            translation.HasEntryAddress ? result.Level.ToString(CultureInfo.InvariantCulture) : "-",
            translation.HasEntry ? HexText.Of(result.Entry) : "-",
            translation.HasEntryAddress ? result.EntryAddress.ToString() : "-",
            translation.HasRights ? result.Rights.ToListing() : "-",
            translation.MemoryType ?? "-",
        ]));
    }

    public override void WriteError(string problem)
    {
        _output.WriteLine("-\terror\t-\t-\t-\t-\t-\t-\t-");
        terminal.Report(problem);
    }
}

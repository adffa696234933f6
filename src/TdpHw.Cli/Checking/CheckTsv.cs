using System.Globalization;
using TdpHw.Cli.Output;
using TdpHw.Core.Sharing;

namespace TdpHw.Cli.Checking;

/// <summary>Writes the reasons of a check as columns separated by tabs; the verdict is the exit code.</summary>
internal static class CheckTsv
{
    /// <summary>Writes a row for each reason.</summary>
    public static void Write(Utf8Output output, CheckAnswer answer)
    {
        output.WriteLine("code\tbit\tlevel\tkind\tcount\treachable\tcure");
        foreach (ShareReason reason in answer.Report.Reasons)
        {
            output.WriteLine(string.Join('\t',
            [
                ReasonWords.Of(reason.Finding.Code),
                reason.Finding.Bit?.ToString(CultureInfo.InvariantCulture) ?? "-",
                reason.Finding.Level.ToString(CultureInfo.InvariantCulture),
                ReasonWords.Of(reason.Finding.Kind),
                reason.Count.ToString(CultureInfo.InvariantCulture),
                reason.Reachable.ToString(CultureInfo.InvariantCulture),
                reason.Cure,
            ]));
        }
    }
}

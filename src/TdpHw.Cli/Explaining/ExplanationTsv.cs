using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>Writes explanations as columns separated by tabs.</summary>
internal static class ExplanationTsv
{
    /// <summary>Writes the names of the columns.</summary>
    public static void WriteHeader(Utf8Output output) => output.WriteLine(
        "format\tlevel\traw\tpresent\tleaf\tverdict\toutput_address\tpage_size\trights\tmemory_type\treserved_bits\tres0_bits\tillegal\tsoftware");

    /// <summary>Writes one.</summary>
    public static void Write(Utf8Output output, Explanation explanation)
    {
        DecodedEntry entry = explanation.Entry;
        output.WriteLine(string.Join('\t',
        [
            explanation.Format.Id,
            entry.Level.ToString(System.Globalization.CultureInfo.InvariantCulture),
            HexText.Of(entry.Raw),
            entry.IsPresent ? "true" : "false",
            entry.IsLeaf ? "true" : "false",
            AnswerWords.Verdict(entry.Kind),
            entry.Output?.ToString() ?? "-",
            entry.PageSize is ulong size ? HexText.Of(size) : "-",
            entry.Rights.ToListing(),
            explanation.MemoryType ?? "-",
            HexText.Of(entry.ReservedBits),
            HexText.Of(entry.Res0Bits),
            entry.Illegal.IsEmpty ? "-" : string.Join(',', entry.Illegal.Select(r => r.Name)),
            explanation.Software ?? "-",
        ]));
    }
}

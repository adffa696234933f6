using System.Buffers;
using System.Text.Unicode;
using TdpHw.Cli.Input;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>Reads the lines of a scenario as they come.</summary>
/// <param name="reader">Where they come from.</param>
/// <param name="file">What the scenario is called, for messages.</param>
internal sealed class ScenarioLines(LineReader reader, string file)
{
    // What YAML forbids, and what YAML or an editor may take for the end of a line.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0x20).Select(c => (char)c).Where(c => c != '\t'),
        .. Enumerable.Range(0x7f, 0x21).Select(c => (char)c),
        '\u2028', '\u2029', '\ufeff',
    ]);

    /// <summary>Reads them one by one.</summary>
    public IEnumerable<ScenarioLine> Read()
    {
        for (long number = 1; reader.Read(); number++)
        {
            yield return Decode(new TextPlace(file, number, 1));
        }
    }

    private ScenarioLine Decode(TextPlace start)
    {
        ReadOnlySpan<byte> bytes = reader.Line.Span;
        char[] text = new char[bytes.Length];
        OperationStatus status = Utf8.ToUtf16(bytes, text, out _, out int length, replaceInvalidSequences: false);
        int forbidden = text.AsSpan(0, length).IndexOfAny(Forbidden);
        InputException? problem =
            forbidden >= 0 ? (start with { Column = forbidden + 1 }).Malformed($"character U+{(int)text[forbidden]:X4} has no place in a scenario")
            : reader.IsCut ? start.Malformed($"the line is longer than {LineReader.MaxLength} bytes")
            : status != OperationStatus.Done ? (start with { Column = length + 1 }).Malformed("a byte that is not UTF-8 text")
            : null;
        return new ScenarioLine(start, new string(text, 0, forbidden >= 0 ? forbidden : length), problem);
    }
}

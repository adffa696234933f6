using System.Text;
using TdpHw.Cli.Input;
using TdpHw.Cli.Output;
using TdpHw.Memory;

namespace TdpHw.Cli.Translating;

/// <summary>The addresses that a command line or the standard input names.</summary>
/// <param name="terminal">Where lines come from.</param>
/// <param name="addresses">The addresses; null to read them from the standard input.</param>
internal sealed class AddressQuestions(Terminal terminal, IReadOnlyList<ulong>? addresses)
{
    /// <summary>Reads them one by one, as they come.</summary>
    public IEnumerable<AddressQuestion> Read() => addresses?.Select(a => new AddressQuestion(a, null)) ?? ReadLines();

    private IEnumerable<AddressQuestion> ReadLines()
    {
        var lines = new LineReader(terminal.Input, beforeWait: terminal.Output.Flush);
        for (long number = 1; lines.Read(); number++)
        {
            string text = Encoding.UTF8.GetString(lines.Line.Span).Trim();
            if (lines.IsCut)
            {
                yield return new AddressQuestion(0, $"line {number}: is longer than {LineReader.MaxLength} bytes");
            }
            else if (NumberText.TryParse(text, out ulong address, out string problem))
            {
                yield return new AddressQuestion(address, null);
            }
            else
            {
                yield return new AddressQuestion(0, $"line {number}: '{text}' {problem}");
            }
        }
    }
}

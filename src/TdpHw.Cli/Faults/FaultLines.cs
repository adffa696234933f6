using System.Text;
using TdpHw.Cli.Input;
using TdpHw.Cli.Output;
using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Faults;

/// <summary>The kernel lines that a command line or the standard input gives.</summary>
/// <param name="terminal">Where lines come from when no words give them.</param>
/// <param name="words">The words of the command line.</param>
internal sealed class FaultLines(Terminal terminal, IReadOnlyList<string> words)
{
    /// <summary>The word that stands for the standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>
    /// Reads them one by one. What mail programs and terminals broke in two, before the reason, is one line again; lines
    /// with nothing on them are passed over.
    /// </summary>
    public IEnumerable<FaultLine> Read()
    {
        string? broken = null;
        foreach (string line in Lines().Where(l => !string.IsNullOrWhiteSpace(l)))
        {
            bool isWhole = DmarFaultLine.TryParse(line, out DmarFaultLine? fault);
            bool isRest = !isWhole && broken is not null && DmarFaultLine.TryParse($"{broken}\n{line}", out fault);
            if (broken is not null && !isRest)
            {
                yield return new FaultLine(null, broken);
            }

            broken = null;
            if (isWhole || isRest || !IsBroken(line))
            {
                yield return new FaultLine(fault, line);
            }
            else
            {
                broken = line;
            }
        }

        if (broken is not null)
        {
            yield return new FaultLine(null, broken);
        }
    }

    private static bool IsBroken(string line) => line.Contains("fault addr", StringComparison.Ordinal)
        && !line.Contains("fault reason", StringComparison.Ordinal);

    private IEnumerable<string> Lines()
    {
        if (words is [] or [StandardInput])
        {
            return InputLines();
        }

        // A line that was pasted without quotes comes as its words.
        return words.All(w => !w.Contains(' ', StringComparison.Ordinal))
            ? [string.Join(' ', words)]
            : words.SelectMany(w => w.Split('\n'));
    }

    private IEnumerable<string> InputLines()
    {
        var lines = new LineReader(terminal.Input, beforeWait: terminal.Output.Flush);
        while (lines.Read())
        {
            yield return Encoding.UTF8.GetString(lines.Line.Span);
        }
    }
}

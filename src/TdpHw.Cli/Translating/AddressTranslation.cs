using System.Text;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Images;
using TdpHw.Cli.Input;
using TdpHw.Cli.Listing;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Translating;

/// <summary>Translates the addresses that a command line or the standard input names.</summary>
/// <param name="terminal">Where lines come from and messages go.</param>
/// <param name="writer">Where answers go.</param>
/// <param name="addresses">The addresses; null to read them from the standard input.</param>
/// <param name="access">What the accesses need.</param>
/// <param name="progress">How far it is.</param>
internal sealed class AddressTranslation(
    Terminal terminal, TranslationWriter writer, IReadOnlyList<ulong>? addresses, Access access, Progress progress)
    : ITableWork<int>
{
    private int _exit = ExitCode.Done;
    private long _done;

    public int Run<TFormat, TMemory>(in TMemory memory, ImageTables<TFormat> tables)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        if (tables.Roots.Length != 1)
        {
            throw new UsageException(
                $"{tables.Location}: has several roots; say which with --root: {string.Join(", ", tables.Roots)}");
        }

        Root<TFormat> root = tables.Roots[0].Root;
        var memoryTypes = new MemoryTypeNames(TFormat.Description);
        writer.Begin();
        if (addresses is null)
        {
            TranslateLines(in memory, root, memoryTypes);
        }
        else
        {
            foreach (ulong address in addresses)
            {
                Translate(in memory, root, memoryTypes, address);
            }
        }

        writer.End();
        progress.End();
        return _exit;
    }

    private void TranslateLines<TFormat, TMemory>(
        in TMemory memory, Root<TFormat> root, MemoryTypeNames memoryTypes)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        var lines = new LineReader(terminal.Input, beforeWait: terminal.Output.Flush);
        for (long number = 1; lines.Read(); number++)
        {
            string text = Encoding.UTF8.GetString(lines.Line.Span).Trim();
            if (lines.IsCut)
            {
                Refuse($"line {number}: is longer than {LineReader.MaxLength} bytes");
            }
            else if (NumberText.TryParse(text, out ulong address, out string problem))
            {
                Translate(in memory, root, memoryTypes, address);
            }
            else
            {
                Refuse($"line {number}: '{text}' {problem}");
            }
        }
    }

    private void Refuse(string problem)
    {
        // A wrong line outweighs what becomes of addresses: the answers are not those that were asked for.
        _exit = ExitCode.BadInput;
        writer.WriteError(problem);
    }

    private void Translate<TFormat, TMemory>(
        in TMemory memory, Root<TFormat> root, MemoryTypeNames memoryTypes, ulong address)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        progress.Step(_done++);
        WalkResult result = TFormat.Walk(in memory, root, new(address), access);
        string? memoryType = result.PageShift != 0
            ? memoryTypes[root.Rules[result.Level].MemoryTypeOf(result.Entry)]
            : null;
        writer.Write(new Translation(address, result, root.InputBits, memoryType));
        if (!result.IsMapped && _exit == ExitCode.Done)
        {
            _exit = ExitCode.Finding;
        }
    }
}

using System.Collections.Immutable;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Images;
using TdpHw.Cli.Listing;
using TdpHw.Formats;

namespace TdpHw.Cli.Translating;

/// <summary>Translates the addresses that a command line or the standard input names.</summary>
/// <param name="writer">Where answers go.</param>
/// <param name="questions">The addresses.</param>
/// <param name="access">What the accesses need.</param>
/// <param name="progress">How far it is.</param>
internal sealed class AddressTranslation(
    TranslationWriter writer, AddressQuestions questions, Access access, Progress progress)
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
        foreach (AddressQuestion question in questions.Read())
        {
            if (question.Problem is string problem)
            {
                Refuse(problem);
            }
            else
            {
                Translate(in memory, root, memoryTypes, question.Address);
            }
        }

        writer.End();
        progress.End();
        return _exit;
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

        // A unit judges the entry that leads to the root before it reads a table.
        WalkResult result = (root.Rights & access.Needed()) == access.Needed()
            ? TFormat.Walk(in memory, root, new(address), access)
            : new WalkResult { Outcome = WalkOutcome.PermissionDenied, Rights = root.Rights };
        string? memoryType = result.PageShift != 0
            ? memoryTypes[root.Rules[result.Level].MemoryTypeOf(result.Entry)]
            : null;
        writer.Write(new Translation(address, result, root.InputBits, memoryType)
        {
            Window = WindowOf(TFormat.Description.Windows, address),
        });
        if (!result.IsMapped && _exit == ExitCode.Done)
        {
            _exit = ExitCode.Finding;
        }
    }

    private static AddressWindow? WindowOf(ImmutableArray<AddressWindow> windows, ulong address)
    {
        foreach (AddressWindow window in windows)
        {
            if (window.IsInputBypassed && window.Contains(address))
            {
                return window;
            }
        }

        return null;
    }
}

using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Images;
using TdpHw.Cli.Listing;
using TdpHw.Formats;

namespace TdpHw.Cli.Translating;

/// <summary>Translates addresses through an image's tables.</summary>
/// <param name="run">The addresses, and where answers go.</param>
/// <param name="access">What the accesses need.</param>
internal sealed class AddressTranslation(TranslationRun run, Access access) : ITableWork<int>
{
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
        TMemory image = memory;
        return run.Answer(address => Translate(in image, root, memoryTypes, address));
    }

    private Translation Translate<TFormat, TMemory>(
        in TMemory memory, Root<TFormat> root, MemoryTypeNames memoryTypes, ulong address)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        // A unit judges the entry that leads to the root before it reads a table.
        WalkResult result = (root.Rights & access.Needed()) == access.Needed()
            ? TFormat.Walk(in memory, root, new(address), access)
            : new WalkResult { Outcome = WalkOutcome.PermissionDenied, Rights = root.Rights };
        string? memoryType = result.PageShift != 0
            ? memoryTypes[root.Rules[result.Level].MemoryTypeOf(result.Entry)]
            : null;
        return new Translation(address, result, root.InputBits, memoryType)
        {
            IsInputSignExtended = TFormat.IsInputSignExtended,
            Window = Translation.WindowOf(TFormat.Description.Windows, address),
        };
    }
}

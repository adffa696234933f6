using TdpHw.Cli.Images;
using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>Looks for tables that are not in memory or on their own path, where the work itself only counts them.</summary>
internal static class FindingScan
{
    /// <summary>Notes what is found below <paramref name="root"/>, unless there is far too much.</summary>
    /// <returns>Whether the root table is in memory, so that there is something to look at.</returns>
    public static bool Run<TFormat, TMemory>(
        in TMemory memory, NamedRoot<TFormat> root, Findings findings, Progress progress)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        var cursor = new TableCursor<TFormat, TMemory>(in memory, root.Root, Wanted.Tables);
        if (!cursor.IsRootInMemory)
        {
            findings.AddMissingRoot(root.ToString());
            return false;
        }

        while (!findings.AreTooMany && cursor.MoveNext())
        {
            progress.Step(0);
            findings.Add(cursor.Current);
        }

        return true;
    }
}

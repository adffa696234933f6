using TdpHw.Cli.Images;
using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>Lists ranges of addresses that are mapped alike.</summary>
/// <param name="rows">Where the rows go.</param>
/// <param name="bounds">How many leaves they may be made of.</param>
/// <param name="findings">Where the listing could not go on.</param>
/// <param name="progress">How far it is.</param>
internal sealed class RangeListing(
    RowWriter rows, ListingBounds bounds, Findings findings, Progress progress) : ITableWork<int>
{
    private long _leaves;
    private long _written;

    public int Run<TFormat, TMemory>(in TMemory memory, ImageTables<TFormat> tables)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        rows.BeginRanges();
        try
        {
            foreach (NamedRoot<TFormat> root in tables.Roots)
            {
                rows.BeginRoot(root.ToString());
                bool isInMemory = FindingScan.Run(in memory, root, findings, progress);
                if (findings.AreTooMany)
                {
                    throw Findings.TooMany();
                }

                if (isInMemory)
                {
                    List(in memory, tables, root.Root);
                }
            }
        }
        finally
        {
            rows.End();
            progress.End();
            findings.TellRest();
        }

        return findings.Exit;
    }

    private void List<TFormat, TMemory>(in TMemory memory, ImageTables<TFormat> tables, Root<TFormat> root)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        var memoryTypes = new MemoryTypeNames(TFormat.Description);
        var cursor = new RangeCursor<TFormat, TMemory>(in memory, root, bounds.MaxRows - _leaves, tables.EmptyValues);
        while (cursor.MoveNext())
        {
            progress.Step(_written);
            _written++;
            rows.Write(new RangeRow(root.Table.Value, cursor.Current, memoryTypes[cursor.Current.MemoryType]));
        }

        _leaves += cursor.Leaves;
        if (cursor.IsCut)
        {
            throw bounds.Cut();
        }
    }
}

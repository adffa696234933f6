using TdpHw.Cli.Images;
using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>Lists leaves, or entries that hold something and do not translate, one a row, as they are found.</summary>
/// <param name="wanted">Leaves or specials.</param>
/// <param name="rows">Where the rows go.</param>
/// <param name="bounds">How many there may be.</param>
/// <param name="findings">Where the listing could not go on.</param>
/// <param name="progress">How far it is.</param>
internal sealed class EntryListing(
    Wanted wanted, RowWriter rows, ListingBounds bounds, Findings findings, Progress progress) : ITableWork<int>
{
    private long _written;

    public int Run<TFormat, TMemory>(in TMemory memory, ImageTables<TFormat> tables)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        rows.BeginEntries();
        try
        {
            foreach (NamedRoot<TFormat> root in tables.Roots)
            {
                rows.BeginRoot(root.ToString());
                List(in memory, tables, root);
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

    private void List<TFormat, TMemory>(in TMemory memory, ImageTables<TFormat> tables, NamedRoot<TFormat> named)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        Root<TFormat> root = named.Root;
        var cursor = new TableCursor<TFormat, TMemory>(in memory, root, wanted, tables.EmptyValues);
        if (!cursor.IsRootInMemory)
        {
            findings.AddMissingRoot(named.ToString());
            return;
        }

        FormatDescription format = TFormat.Description;
        OverlayVariant? software = tables.Overlay?.Variant;
        var memoryTypes = new MemoryTypeNames(format);
        while (cursor.MoveNext())
        {
            progress.Step(_written);
            CursorEntry entry = cursor.Current;
            if (entry.Kind == EntryKind.Table)
            {
                findings.Add(in entry);
                if (findings.AreTooMany)
                {
                    throw Findings.TooMany();
                }

                continue;
            }

            if (_written == bounds.MaxRows)
            {
                throw bounds.Cut();
            }

            _written++;
            bool isLeaf = entry.Kind == EntryKind.Leaf;
            rows.Write(new EntryRow(
                root.Table.Value,
                entry,
                isLeaf ? memoryTypes[root.Rules[entry.Level].MemoryTypeOf(entry.Entry)] : null,
                format.ListingWord(entry.Kind),
                isLeaf ? null : software?.MeaningOf(entry.Entry)?.Name));
        }
    }
}

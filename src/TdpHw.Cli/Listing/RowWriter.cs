using TdpHw.Cli.Output;

namespace TdpHw.Cli.Listing;

/// <summary>Writes the rows of a listing in one form.</summary>
internal abstract class RowWriter
{
    /// <summary>A writer for <paramref name="form"/>.</summary>
    public static RowWriter Create(OutputForm form, Utf8Output output) => form switch
    {
        OutputForm.Tsv => new TsvRows(output),
        OutputForm.Json => new JsonRows(output, isArray: true),
        OutputForm.JsonLines => new JsonRows(output, isArray: false),
        _ => new TextRows(output),
    };

    /// <summary>Begins a listing of entries.</summary>
    public abstract void BeginEntries();

    /// <summary>Begins a listing of ranges.</summary>
    public abstract void BeginRanges();

    /// <summary>Begins the rows of a root.</summary>
    /// <param name="root">The root for people.</param>
    public virtual void BeginRoot(string root)
    {
    }

    /// <summary>Writes an entry.</summary>
    public abstract void Write(in EntryRow row);

    /// <summary>Writes a range.</summary>
    public abstract void Write(in RangeRow row);

    /// <summary>Ends the listing, also one that is cut.</summary>
    public virtual void End()
    {
    }
}

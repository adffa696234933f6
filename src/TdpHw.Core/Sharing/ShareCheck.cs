using TdpHw.Formats;

namespace TdpHw.Core.Sharing;

/// <summary>
/// Can an importer's hardware walk the tables that an exporter wrote? Three questions: what the definitions prove, what each
/// entry would do, and what a walk of the importer reaches. It works on definitions and knows no format.
/// </summary>
public static class ShareCheck
{
    /// <summary>Checks the tables below some roots.</summary>
    /// <typeparam name="TExporter">The format that the tables are written in.</typeparam>
    /// <typeparam name="TImporter">The format that they would be read in.</typeparam>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="roots">The exporter's roots, all with the same rules; each is judged once, however often it is given.</param>
    /// <param name="exporter">The exporter's rules.</param>
    /// <param name="overlay">The software's use of the exporter's format; null for none.</param>
    /// <param name="variant">The variant of <paramref name="overlay"/>; null for none.</param>
    /// <param name="importer">The importer's rules.</param>
    /// <param name="options">Bounds; null for the default ones.</param>
    /// <param name="cancellation">Ends the check early.</param>
    /// <exception cref="OperationCanceledException">The check was ended early.</exception>
    public static ShareReport Run<TExporter, TImporter, TMemory>(
        in TMemory memory,
        IReadOnlyList<Root<TExporter>> roots,
        FormatRules<TExporter> exporter,
        OverlayDescription? overlay,
        OverlayVariant? variant,
        FormatRules<TImporter> importer,
        ShareOptions? options = null,
        CancellationToken cancellation = default)
        where TExporter : struct, IPageTableFormat<TExporter>
        where TImporter : struct, IPageTableFormat<TImporter>
        where TMemory : struct, IPhysicalMemory
    {
        ArgumentNullException.ThrowIfNull(roots);
        ArgumentNullException.ThrowIfNull(exporter);
        ArgumentNullException.ThrowIfNull(importer);
        var scan = new ShareScan<TExporter, TImporter>(exporter, overlay, variant, importer, options ?? ShareOptions.Default);
        foreach (Root<TExporter> root in roots.DistinctBy(r => (r.Table, r.Levels)))
        {
            scan.Judge(in memory, root, cancellation);
        }

        int deepest = roots.Count > 0 ? roots.Max(r => r.Levels) : exporter.Walks.Max(w => w.Levels);
        return scan.Report(deepest);
    }
}

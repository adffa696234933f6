
namespace TdpHw.Memory;

/// <summary>
/// A capture: a folder with <c>capture.json</c>, which names format, parameters and roots, and <c>tables.bin</c>, which
/// holds the table pages. All of it is read when it is opened and stays in memory: about the size of <c>tables.bin</c>.
/// </summary>
public sealed class CaptureImage : TableImage
{
    internal const string DescriptionFile = "capture.json";

    internal const string TablesFile = "tables.bin";

    private readonly SparsePages _pages;

    private CaptureImage(string folder, CaptureDescription description, SparsePages pages)
        : base(folder, description.FormatId, description.Parameters, description.Roots)
    {
        _pages = pages;
    }

    /// <summary>The table pages.</summary>
    public SparseMemory Memory => new(_pages);

    /// <summary>How many table pages there are.</summary>
    public int PageCount => _pages.PageCount;

    /// <summary>
    /// Opens a capture folder. Of files other than the two nothing is read; the checksums that the description has of files
    /// in the folder are verified.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <returns>The image, which holds no file open.</returns>
    /// <exception cref="ImageException">
    /// A file is missing, can't be read or is malformed, or the checksum differs.
    /// </exception>
    public static CaptureImage Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!Directory.Exists(path))
        {
            throw new ImageException(File.Exists(path)
                ? $"{path}: is a file; a capture is a folder with {DescriptionFile} and {TablesFile}"
                : $"{path}: no such folder");
        }

        foreach (string name in (ReadOnlySpan<string>)[DescriptionFile, TablesFile])
        {
            if (!Path.Exists(Path.Combine(path, name)))
            {
                throw new ImageException($"{path}: no {name} in this folder");
            }
        }

        CaptureDescription description = CaptureDescriptionReader.Read(Path.Combine(path, DescriptionFile));
        SparsePages pages = TableRecords.Read(Path.Combine(path, TablesFile), description.Sha256.GetValueOrDefault(TablesFile));
        foreach ((string name, byte[]? sha256) in description.Sha256.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            if (name != TablesFile)
            {
                FileChecksum.Verify(path, name, sha256);
            }
        }

        return new CaptureImage(path, description, pages);
    }

    /// <inheritdoc/>
    public override TResult Accept<TResult>(IImageVisitor<TResult> visitor)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        return visitor.Visit(Memory);
    }

    /// <summary>Does nothing: a capture holds no file open.</summary>
    public override void Dispose()
    {
    }
}

using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;

namespace TdpHw.Memory;

/// <summary>
/// The text of <c>domain_translation_struct</c> in the intel-iommu driver's debugfs: for each device the path to each of its
/// leaves, from which the table pages are made again. Roots are named by device, with <c> pasid n</c> where the text has one;
/// a device without rows is taken to have four levels.
/// </summary>
/// <remarks>
/// The format is taken to be that of second-stage tables. The text does not tell a first-stage table of scalable mode apart;
/// name the format where it is one. The text tells nothing of capabilities, and nothing of entries that map nothing.
/// </remarks>
public sealed class DomainTranslationImage : TableImage
{
    private const string Format = "vtd-ss";

    private readonly SparsePages _pages;

    private DomainTranslationImage(string path, ImmutableArray<ImageRoot> roots, SparsePages pages)
        : base(path, Format, [], roots)
    {
        _pages = pages;
    }

    /// <summary>The table pages.</summary>
    public SparseMemory Memory => new(_pages);

    /// <summary>How many table pages there are.</summary>
    public int PageCount => _pages.PageCount;

    /// <summary>Opens a file with such text. All of it is read, into about 4 KiB for each table.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The image, which holds no file open.</returns>
    /// <exception cref="ImageException">The file can't be read or is malformed, or two of its rows contradict each other.</exception>
    public static DomainTranslationImage Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using SafeFileHandle file = RegularFile.Open(path);
        try
        {
            (ImmutableArray<ImageRoot> roots, SparsePages pages) = DomainTranslationReader.Read(new TextLines(file, path));
            return roots.IsEmpty
                ? throw new ImageException($"{path}: no line 'Device …', with which the tables of a device begin")
                : new DomainTranslationImage(path, roots, pages);
        }
        catch (OutOfMemoryException e)
        {
            throw new ImageException($"{path}: the tables do not fit in memory", e);
        }
    }

    /// <inheritdoc/>
    public override TResult Accept<TResult>(IImageVisitor<TResult> visitor)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        return visitor.Visit(Memory);
    }

    /// <summary>Does nothing: the image holds no file open.</summary>
    public override void Dispose()
    {
    }

    /// <summary>Whether the first words of a file are those of such text.</summary>
    /// <exception cref="ImageException">There is no such file, it is not a regular one, or it can't be opened.</exception>
    internal static bool IsAt(string path)
    {
        using SafeFileHandle file = RegularFile.Open(path);
        Span<byte> head = stackalloc byte[256];
        try
        {
            head = head[..RegularFile.ReadAt(file, head, 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"{path}: can't be read: {e.Message}", e);
        }

        return head.TrimStart(" \t\r\n"u8).StartsWith("Device "u8);
    }
}

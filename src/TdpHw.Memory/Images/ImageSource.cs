using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>Opens an image of whichever kind a path leads to.</summary>
public static class ImageSource
{
    /// <summary>
    /// Opens a folder, or the <c>capture.json</c> in it, as a <see cref="CaptureImage"/>, a text that begins with
    /// <c>Device </c> as a <see cref="DomainTranslationImage"/>, and any other file, or one that is said to lie somewhere in
    /// memory, as a <see cref="RawImage"/>.
    /// </summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="start">The address of a raw file's first byte, a multiple of 8; used when there are no segments.</param>
    /// <param name="segments">Which bytes of a raw file are which memory; null or empty when it is one range.</param>
    /// <returns>The image, to be disposed of.</returns>
    /// <exception cref="ImageException">
    /// The image can't be read or is malformed; or it is a capture, which says itself where its pages lie, and
    /// <paramref name="start"/> is not 0 or there are segments.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// A segment or <paramref name="start"/> is not possible: see <see cref="RawImage.Open"/>.
    /// </exception>
    public static TableImage Open(
        string path, HostPhysicalAddress start = default, IReadOnlyList<MemorySegment>? segments = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        string? folder = CaptureFolderOf(path);
        if (folder is null)
        {
            bool isPlaced = start.Value != 0 || segments is { Count: > 0 };
            return !isPlaced && DomainTranslationImage.IsAt(path)
                ? DomainTranslationImage.Open(path)
                : RawImage.Open(path, start, segments);
        }

        if (start.Value != 0 || segments is { Count: > 0 })
        {
            throw new ImageException($"{path}: a capture says itself where its pages lie; an address or a map is for raw files");
        }

        return CaptureImage.Open(folder);
    }

    private static string? CaptureFolderOf(string path)
    {
        if (Directory.Exists(path))
        {
            return path;
        }

        if (Path.GetFileName(path) != CaptureImage.DescriptionFile || !File.Exists(path))
        {
            return null;
        }

        string? folder = Path.GetDirectoryName(path);
        return string.IsNullOrEmpty(folder) ? "." : folder;
    }
}

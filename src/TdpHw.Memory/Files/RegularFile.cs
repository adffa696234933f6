using Microsoft.Win32.SafeHandles;

namespace TdpHw.Memory;

/// <summary>Opens and reads plain files, and says in one line why it can't.</summary>
internal static class RegularFile
{
    /// <summary>Opens a file for reading at any offset; others may write, truncate or delete it meanwhile.</summary>
    /// <exception cref="ImageException">There is no such file, it is not a regular one, or it can't be opened.</exception>
    public static SafeFileHandle Open(string path)
    {
        if (path.Length == 0)
        {
            throw new ImageException("the path is empty");
        }

        if (Directory.Exists(path))
        {
            throw new ImageException($"{path}: is a directory, not a file");
        }

        // Before opening: to open a pipe waits for its other end, and to open some devices does things.
        if (UnixFileType.OfSpecial(path) is string special)
        {
            throw new ImageException($"{path}: is a {special}, not a regular file");
        }

        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageException($"{path}: no such file", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ImageException($"{path}: no permission to read", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            throw new ImageException($"{path}: can't be opened: {e.Message}", e);
        }
    }

    /// <summary>The file's length in bytes.</summary>
    /// <exception cref="ImageException">It has none.</exception>
    public static long LengthOf(SafeFileHandle file, string path)
    {
        try
        {
            return RandomAccess.GetLength(file);
        }
        catch (Exception e) when (e is IOException or NotSupportedException)
        {
            throw new ImageException($"{path}: is not a regular file", e);
        }
    }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/>, as far as the file reaches.</summary>
    /// <returns>How many bytes were read: fewer than asked for at the file's end only.</returns>
    /// <exception cref="IOException">The file can't be read there.</exception>
    public static int ReadAt(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int read = RandomAccess.Read(file, buffer[done..], offset + done);
            if (read == 0)
            {
                break;
            }

            done += read;
        }

        return done;
    }
}

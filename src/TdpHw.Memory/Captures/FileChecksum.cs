using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace TdpHw.Memory;

/// <summary>Holds files that stand beside an image's own against the checksums that its description lists.</summary>
internal static class FileChecksum
{
    /// <summary>Verifies a file of the folder, if it is there: a capture may be handed on without what is not needed.</summary>
    /// <param name="folder">The capture.</param>
    /// <param name="name">The file as the description names it; only names of the folder's own files are looked at.</param>
    /// <param name="sha256">What it must have; null when the description says something else there.</param>
    /// <exception cref="ImageException">The file is there and has another checksum, or none to compare.</exception>
    public static void Verify(string folder, string name, byte[]? sha256)
    {
        string path = Path.Combine(folder, name);
        if (name.Length == 0 || Path.GetFileName(name) != name || !File.Exists(path))
        {
            return;
        }

        if (sha256 is null)
        {
            throw new ImageException($"{path}: the description has no SHA-256 of 64 hexadecimal digits for it");
        }

        byte[] found = HashOf(path);
        if (!found.AsSpan().SequenceEqual(sha256))
        {
            throw new ImageException(
                $"{path}: SHA-256 is {Convert.ToHexStringLower(found)}, the description says {Convert.ToHexStringLower(sha256)}");
        }
    }

    private static byte[] HashOf(string path)
    {
        using SafeFileHandle file = RegularFile.Open(path);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        try
        {
            int read;
            for (long offset = 0; (read = RegularFile.ReadAt(file, buffer, offset)) != 0; offset += read)
            {
                hash.AppendData(buffer, 0, read);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"{path}: can't be read: {e.Message}", e);
        }

        return hash.GetHashAndReset();
    }
}

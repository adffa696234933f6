using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>
/// Reads a <c>tables.bin</c>: records of a little-endian 64-bit page address and the page's 4096 bytes, by ascending
/// address.
/// </summary>
internal static class TableRecords
{
    private const int RecordSize = sizeof(ulong) + Page.Size;
    private const int RecordsPerRead = 256;

    /// <summary>Reads the file at <paramref name="path"/>, whose SHA-256 must be <paramref name="sha256"/> unless null.</summary>
    /// <exception cref="ImageException">It can't be read, is malformed or has another checksum.</exception>
    public static SparsePages Read(string path, byte[]? sha256)
    {
        using SafeFileHandle file = RegularFile.Open(path);
        long length = RegularFile.LengthOf(file, path);
        if (length % RecordSize != 0)
        {
            throw CutRecord(path, length);
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        SparsePages pages = new();
        ulong? previous = null;
        byte[] buffer = new byte[Math.Min(length, RecordsPerRead * RecordSize)];
        try
        {
            for (long offset = 0; offset < length;)
            {
                int wanted = (int)Math.Min(buffer.Length, length - offset);
                int read = RegularFile.ReadAt(file, buffer.AsSpan(0, wanted), offset);
                if (read < wanted)
                {
                    throw new ImageException(
                        $"{path}: ends at byte {offset + read} while being read, {length} bytes were there");
                }

                hash.AppendData(buffer, 0, read);
                for (int i = 0; i < read; i += RecordSize)
                {
                    previous = AddRecord(pages, buffer.AsSpan(i, RecordSize), previous, path, offset + i);
                }

                offset += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"{path}: can't be read: {e.Message}", e);
        }
        catch (Exception e) when (e is OutOfMemoryException or OverflowException)
        {
            throw new ImageException($"{path}: {length} bytes of tables do not fit in memory", e);
        }

        if (sha256 is not null && hash.GetHashAndReset() is byte[] found && !found.AsSpan().SequenceEqual(sha256))
        {
            throw new ImageException(
                $"{path}: SHA-256 is {Convert.ToHexStringLower(found)}, the description says {Convert.ToHexStringLower(sha256)}");
        }

        return pages;
    }

    private static ulong AddRecord(SparsePages pages, ReadOnlySpan<byte> record, ulong? previous, string path, long offset)
    {
        var address = new HostPhysicalAddress(BinaryPrimitives.ReadUInt64LittleEndian(record));
        if (address.Value % Page.Size != 0)
        {
            throw new ImageException($"{At(path, offset)}: page address {address} is not a multiple of 4096");
        }

        if (previous is ulong last && address.Value <= last)
        {
            throw new ImageException(address.Value == last
                ? $"{At(path, offset)}: page address {address} stands there twice"
                : $"{At(path, offset)}: page address {address} comes after {new HostPhysicalAddress(last)}; they must ascend");
        }

        Span<ulong> entries = stackalloc ulong[Page.EntryCount];
        record[sizeof(ulong)..].CopyTo(MemoryMarshal.AsBytes(entries));
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(entries, entries);
        }

        pages.Add(address, entries);
        return address.Value;
    }

    private static ImageException CutRecord(string path, long length)
    {
        long records = length / RecordSize;
        return new ImageException(
            $"{At(path, records * RecordSize)}: is cut at byte {length}; a record has {RecordSize} bytes, this one {length % RecordSize}");
    }

    private static string At(string path, long offset) => $"{path}: record {offset / RecordSize + 1} at byte {offset}";
}

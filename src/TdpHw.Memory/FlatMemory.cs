using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>
/// One contiguous range of physical memory that an array holds. The array is not copied: a change of it is a change of the
/// memory. The default value has nothing in memory.
/// </summary>
public readonly struct FlatMemory : IPhysicalMemory
{
    private readonly ulong[] _entries;
    private readonly ulong _start;
    private readonly ulong _size;

    /// <summary>Lays <paramref name="entries"/> at <paramref name="start"/>.</summary>
    /// <param name="start">The address of the first entry, a multiple of 8.</param>
    /// <param name="entries">The 8-byte entries, as values.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="start"/> is not a multiple of 8, or the range passes the end of the 64-bit address space.
    /// </exception>
    public FlatMemory(HostPhysicalAddress start, ulong[] entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (start.Value % sizeof(ulong) != 0)
        {
            throw new ArgumentException($"start {start} is not a multiple of 8.", nameof(start));
        }

        ulong size = (ulong)entries.Length * sizeof(ulong);
        if (size != 0 && size - 1 > ulong.MaxValue - start.Value)
        {
            throw new ArgumentException($"{size} bytes at {start} pass the end of the 64-bit address space.", nameof(entries));
        }

        _entries = entries;
        _start = start.Value;
        _size = size;
    }

    /// <summary>Lays a copy of <paramref name="bytes"/>, little-endian entries as memory holds them, at <paramref name="start"/>.</summary>
    /// <param name="start">The address of the first byte, a multiple of 8.</param>
    /// <param name="bytes">The bytes, a multiple of 8 of them.</param>
    /// <returns>The memory of these bytes.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="start"/> or the number of bytes is not a multiple of 8, or the range passes the end of the 64-bit
    /// address space.
    /// </exception>
    public static FlatMemory FromBytes(HostPhysicalAddress start, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(ulong) != 0)
        {
            throw new ArgumentException($"{bytes.Length} bytes are not a whole number of 8-byte entries.", nameof(bytes));
        }

        ulong[] entries = MemoryMarshal.Cast<byte, ulong>(bytes).ToArray();
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(entries, entries);
        }

        return new FlatMemory(start, entries);
    }

    /// <inheritdoc/>
    public bool TryReadEntry(HostPhysicalAddress address, out ulong entry)
    {
        // Below the start the difference wraps to more than any size that fits above it: one compare does for both ends.
        ulong offset = address.Value - _start;
        if (offset >= _size || offset % sizeof(ulong) != 0)
        {
            entry = 0;
            return false;
        }

        entry = Volatile.Read(ref _entries[offset / sizeof(ulong)]);
        return true;
    }

    /// <inheritdoc/>
    public bool TryGetTable(HostPhysicalAddress address, int entryCount, out ReadOnlySpan<ulong> table)
    {
        ulong offset = address.Value - _start;
        if (entryCount <= 0 || offset >= _size || offset % sizeof(ulong) != 0
            || (ulong)entryCount > (_size - offset) / sizeof(ulong))
        {
            table = default;
            return false;
        }

        table = new ReadOnlySpan<ulong>(_entries, (int)(offset / sizeof(ulong)), entryCount);
        return true;
    }
}

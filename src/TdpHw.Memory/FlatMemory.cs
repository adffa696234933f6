using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
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
    private readonly ulong _count;

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
        _count = (ulong)entries.Length;
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadEntry(HostPhysicalAddress address, out ulong entry)
    {
        ulong index = IndexOf(address);
        if (index >= _count)
        {
            entry = 0;
            return false;
        }

        entry = Volatile.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), (nint)index));
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetTable(HostPhysicalAddress address, int entryCount, out ReadOnlySpan<ulong> table)
    {
        ulong index = IndexOf(address);
        if (entryCount <= 0 || index >= _count || (ulong)entryCount > _count - index)
        {
            table = default;
            return false;
        }

        table = MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), (nint)index), entryCount);
        return true;
    }

    /// <summary>
    /// Which entry lies at an address. Below the start the difference wraps, and of an address between two entries the lowest bits
    /// become the highest: both give more than any number of entries, so that one compare does for all that is not there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong IndexOf(HostPhysicalAddress address) => BitOperations.RotateRight(address.Value - _start, 3);
}

namespace TdpHw.Memory.Tests;

/// <summary>Entries that tell where they stand.</summary>
internal static class Entries
{
    /// <summary>Whole pages whose entry at index i is <paramref name="tag"/> + i.</summary>
    public static ulong[] Pages(int pages, ulong tag) => [.. Enumerable.Range(0, pages * 512).Select(i => tag + (ulong)i)];

    public static HostPhysicalAddress At(ulong address) => new(address);

    /// <summary>The entry in memory at <paramref name="address"/>, or null.</summary>
    public static ulong? Read<TMemory>(TMemory memory, ulong address)
        where TMemory : struct, IPhysicalMemory
    {
        if (memory.TryReadEntry(new HostPhysicalAddress(address), out ulong entry))
        {
            return entry;
        }

        Assert.Equal(0UL, entry);
        return null;
    }

    /// <summary>A copy of the table in memory at <paramref name="address"/>, or null.</summary>
    public static ulong[]? Table<TMemory>(TMemory memory, ulong address, int entryCount)
        where TMemory : struct, IPhysicalMemory
    {
        if (memory.TryGetTable(new HostPhysicalAddress(address), entryCount, out ReadOnlySpan<ulong> table))
        {
            return table.ToArray();
        }

        Assert.True(table.IsEmpty);
        return null;
    }
}

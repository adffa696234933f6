using TdpHw.Formats;

namespace TdpHw.Core.Machines;

/// <summary>A <see cref="HostMemory"/> as walks read it. The default value has nothing in memory.</summary>
/// <param name="memory">The memory.</param>
public readonly struct HostMemoryView(HostMemory memory) : IPhysicalMemory
{
    private readonly HostMemory? _memory = memory;

    /// <inheritdoc/>
    public bool TryReadEntry(HostPhysicalAddress address, out ulong entry)
    {
        entry = 0;
        return _memory is not null && _memory.TryRead(address, out entry);
    }

    /// <inheritdoc/>
    public bool TryGetTable(HostPhysicalAddress address, int entryCount, out ReadOnlySpan<ulong> table)
    {
        table = default;
        return _memory is not null && _memory.TryGetEntries(address, entryCount, out table);
    }
}

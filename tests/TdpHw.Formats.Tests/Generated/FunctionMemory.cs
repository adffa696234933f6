namespace TdpHw.Formats.Tests.Generated;

/// <summary>A memory of single entries; a walk needs nothing more.</summary>
/// <param name="read">Gives the entry at an address, or null where there is no memory.</param>
internal readonly struct FunctionMemory(Func<ulong, ulong?> read) : IPhysicalMemory
{
    public bool TryReadEntry(HostPhysicalAddress address, out ulong entry)
    {
        ulong? answer = read(address.Value);
        entry = answer.GetValueOrDefault();
        return answer.HasValue;
    }

    public bool TryGetTable(HostPhysicalAddress address, int entryCount, out ReadOnlySpan<ulong> table)
    {
        // Where nothing can be had in place, nothing can be fetched ahead.
        table = default;
        return false;
    }
}

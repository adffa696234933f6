namespace TdpHw.Formats;

/// <summary>A run of addresses that are mapped one after the other to memory one after the other, alike in all else.</summary>
/// <param name="Address">The first address.</param>
/// <param name="Output">What it translates to.</param>
/// <param name="Size">How many bytes are mapped.</param>
/// <param name="Rights">The rights along every path.</param>
/// <param name="MemoryType">The memory type of every leaf, or -1 when none is in force.</param>
/// <param name="Leaves">How many leaves make the range.</param>
public readonly record struct MappedRange(
    InputAddress Address, HostPhysicalAddress Output, ulong Size, Rights Rights, int MemoryType, long Leaves)
{
    /// <summary>Whether <paramref name="next"/> goes on where this range ends, alike in all else.</summary>
    public bool IsContinuedBy(in MappedRange next) =>
        next.Address.Value == Address.Value + Size
        && next.Output.Value == Output.Value + Size
        && next.Rights == Rights
        && next.MemoryType == MemoryType;
}

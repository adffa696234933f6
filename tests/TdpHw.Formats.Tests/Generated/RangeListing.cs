namespace TdpHw.Formats.Tests.Generated;

/// <summary>All that a range cursor gave, and what it says at its end.</summary>
internal sealed record RangeListing(
    IReadOnlyList<MappedRange> Ranges, bool IsRootInMemory, long Leaves, long NotInMemory, long Cycles, bool IsCut);

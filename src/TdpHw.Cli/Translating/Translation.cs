using TdpHw.Formats;

namespace TdpHw.Cli.Translating;

/// <summary>What became of an address.</summary>
/// <param name="Address">The address.</param>
/// <param name="Result">How the walk ended.</param>
/// <param name="InputBits">How wide the addresses are that the root translates.</param>
/// <param name="MemoryType">The memory type in force; null for none.</param>
internal readonly record struct Translation(ulong Address, WalkResult Result, int InputBits, string? MemoryType)
{
    /// <summary>The window that the address lies in, when requests there never reach the tables; otherwise null.</summary>
    public AddressWindow? Window { get; init; }

    /// <summary>Whether a well-formed leaf was reached, even one that does not grant the access.</summary>
    public bool IsLeafReached => Result.PageShift != 0;

    /// <summary>Whether the walk looked for an entry.</summary>
    public bool HasEntryAddress => Result.Level != 0;

    /// <summary>Whether anything on the way was judged, if only what leads to the root.</summary>
    public bool HasRights => Result.Outcome != WalkOutcome.AddressTooWide;

    /// <summary>Whether the walk read the entry that it ended at.</summary>
    public bool HasEntry => HasEntryAddress && Result.Outcome != WalkOutcome.NotInMemory;
}

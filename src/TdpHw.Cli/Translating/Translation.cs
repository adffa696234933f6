using System.Collections.Immutable;
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

    /// <summary>Whether addresses are as wide as registers, the bits above the translated ones all equal to the highest of these.</summary>
    public bool IsInputSignExtended { get; init; }

    /// <summary>Whether the address passes as it is, through no table.</summary>
    public bool IsUntranslated => Result.IsMapped && !HasEntryAddress;

    /// <summary>Whether there is a place that the address leads to.</summary>
    public bool HasOutput => IsLeafReached || IsUntranslated;

    /// <summary>Whether a well-formed leaf was reached, even one that does not grant the access.</summary>
    public bool IsLeafReached => Result.PageShift != 0;

    /// <summary>Whether the walk looked for an entry.</summary>
    public bool HasEntryAddress => Result.Level != 0;

    /// <summary>Whether anything on the way was judged, if only what leads to the root.</summary>
    public bool HasRights => Result.Outcome != WalkOutcome.AddressTooWide;

    /// <summary>Whether the walk read the entry that it ended at.</summary>
    public bool HasEntry => HasEntryAddress && Result.Outcome != WalkOutcome.NotInMemory;

    /// <summary>The window that an address lies in, when requests there never reach the tables; otherwise null.</summary>
    public static AddressWindow? WindowOf(ImmutableArray<AddressWindow> windows, ulong address)
    {
        foreach (AddressWindow window in windows)
        {
            if (window.IsInputBypassed && window.Contains(address))
            {
                return window;
            }
        }

        return null;
    }
}

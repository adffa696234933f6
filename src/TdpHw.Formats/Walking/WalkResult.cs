namespace TdpHw.Formats;

/// <summary>The answer of a walk: how it ended, at which entry, and what the path granted.</summary>
/// <param name="Outcome">How the walk ended.</param>
/// <param name="Level">The level of the entry it ended at; 0 when no entry was asked for.</param>
/// <param name="Rights">
/// The rights along the path. This entry's are included unless it is not present, malformed or unread.
/// </param>
/// <param name="Entry">The entry it ended at; 0 when it could not be read.</param>
/// <param name="EntryAddress">Where that entry lies.</param>
/// <param name="Output">
/// What the address translates to, when a well-formed leaf was reached; otherwise address 0.
/// </param>
/// <param name="PageShift">The leaf maps 2 to this power bytes; 0 when no well-formed leaf was reached.</param>
public readonly record struct WalkResult(
    WalkOutcome Outcome,
    byte Level,
    Rights Rights,
    ulong Entry,
    HostPhysicalAddress EntryAddress,
    HostPhysicalAddress Output,
    byte PageShift)
{
    /// <summary>Whether the address is mapped and the access allowed.</summary>
    public bool IsMapped => Outcome == WalkOutcome.Mapped;

    /// <summary>How many bytes the leaf maps; 0 when no well-formed leaf was reached.</summary>
    public ulong PageSize => PageShift == 0 ? 0 : 1ul << PageShift;

    /// <summary>The answer for an address that the root does not cover.</summary>
    public static WalkResult TooWide { get; } = new() { Outcome = WalkOutcome.AddressTooWide };

    /// <summary>The answer for a walk that ended without a translation.</summary>
    public static WalkResult Stopped(
        WalkOutcome outcome, int level, Rights rights, ulong entry, ulong entryAddress) =>
        new(outcome, (byte)level, rights, entry, new(entryAddress), default, 0);

    /// <summary>The answer for a walk that reached a well-formed leaf.</summary>
    public static WalkResult Reached(
        int level, Rights rights, Access access, ulong entry, ulong entryAddress, ulong output, int pageShift) =>
        new(
            (rights & access.Needed()) == access.Needed() ? WalkOutcome.Mapped : WalkOutcome.PermissionDenied,
            (byte)level,
            rights,
            entry,
            new(entryAddress),
            new(output),
            (byte)pageShift);
}

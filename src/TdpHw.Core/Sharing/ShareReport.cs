using System.Collections.Immutable;

namespace TdpHw.Core.Sharing;

/// <summary>The answer of a check: whether the importer's hardware can walk the exporter's tables.</summary>
public sealed record ShareReport
{
    /// <summary>
    /// Whether no entry stands in the way; for tables without entries, whether the definitions prove that none can. What could not be
    /// judged may hold anything: it is false where <see cref="IsComplete"/> is.
    /// </summary>
    public required bool IsShareable { get; init; }

    /// <summary>All reasons, those with entries first.</summary>
    public required ImmutableArray<ShareReason> Reasons { get; init; }

    /// <summary>The entries in the way, in the order of roots and addresses; the first <see cref="ShareOptions.MaxOffenders"/>.</summary>
    public required ImmutableArray<ShareOffender> Offenders { get; init; }

    /// <summary>How many entries stand in the way, listed or not.</summary>
    public required long OffenderCount { get; init; }

    /// <summary>
    /// How many entries were judged: those of a table that several entries of a root lead to once, as far as the rights above it are
    /// the same. What is wrong with them is listed at the first address that leads there.
    /// </summary>
    public required long EntryCount { get; init; }

    /// <summary>Table entries whose table is not in memory; nothing is known of what lies below.</summary>
    public required long NotInMemory { get; init; }

    /// <summary>Table entries whose table is on their own path; they are not followed.</summary>
    public required long Cycles { get; init; }

    /// <summary>Whether the check stopped because there are more entries than it was allowed to judge.</summary>
    public required bool IsCut { get; init; }

    /// <summary>Whether all entries of all tables were judged.</summary>
    public bool IsComplete => !IsCut && NotInMemory == 0 && Cycles == 0;
}

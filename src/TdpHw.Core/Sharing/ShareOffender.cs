using System.Collections.Immutable;
using TdpHw.Formats;

namespace TdpHw.Core.Sharing;

/// <summary>An entry that stands in the way.</summary>
/// <param name="Root">The root that it lies below.</param>
/// <param name="Address">The first address that goes through it.</param>
/// <param name="Level">Its level, counted from 1.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Findings">All that is wrong with it.</param>
/// <param name="IsReachable">Whether a walk of the importer's hardware gets to it as the tables stand.</param>
public sealed record ShareOffender(
    HostPhysicalAddress Root,
    InputAddress Address,
    int Level,
    ulong Entry,
    ImmutableArray<ShareFinding> Findings,
    bool IsReachable);

using System.Collections.Immutable;
using TdpHw.Formats;

namespace TdpHw.Cli.Overview;

/// <summary>What lies below a root, in short.</summary>
internal sealed record RootOverview
{
    /// <summary>What the image says that the root belongs to.</summary>
    public required ImmutableArray<string> Names { get; init; }

    /// <summary>The root table's address.</summary>
    public required HostPhysicalAddress Table { get; init; }

    /// <summary>How many levels a walk has.</summary>
    public required int Levels { get; init; }

    /// <summary>How wide the addresses are that it translates.</summary>
    public required int InputBits { get; init; }

    /// <summary>The counts; null when the root table is not in memory.</summary>
    public TreeCounts? Counts { get; init; }

    /// <summary>The first ranges that are mapped.</summary>
    public ImmutableArray<MappedRange> Ranges { get; init; } = [];

    /// <summary>How many ranges there are; at least so many when <see cref="IsCut"/>.</summary>
    public long RangeCount { get; init; }

    /// <summary>Entries that hold something and do not translate, by kind and meaning.</summary>
    public ImmutableArray<SpecialCount> Specials { get; init; } = [];

    /// <summary>Whether there is too much to look at for an overview, so that ranges or specials are not all of them.</summary>
    public bool IsCut { get; init; }
}

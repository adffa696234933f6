using System.Collections.Immutable;

namespace TdpHw.Formats;

/// <summary>A rule of a definition that gives bits which are no field their status.</summary>
public sealed record BitRuleDescription
{
    /// <summary>What the bits are.</summary>
    public required BitStatus Status { get; init; }

    /// <summary>The bits.</summary>
    public required ImmutableArray<BitRange> Bits { get; init; }

    /// <summary>A bit for each level, by number, that the rule is for.</summary>
    public required uint Levels { get; init; }

    /// <summary>The layouts that the rule is for.</summary>
    public required EntryLayout Layouts { get; init; }

    /// <summary>The capabilities under which it holds.</summary>
    public CapabilityCondition Condition { get; init; }

    /// <summary>Why, or where that stands.</summary>
    public string Source { get; init; } = "";
}

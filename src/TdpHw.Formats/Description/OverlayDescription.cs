using System.Collections.Immutable;

namespace TdpHw.Formats;

/// <summary>How a software uses a format: the bits it keeps for itself and the entries it gives a meaning.</summary>
public sealed record OverlayDescription
{
    /// <summary>The name used on the command line.</summary>
    public required string Id { get; init; }

    /// <summary>The name of the C# type.</summary>
    public required string Name { get; init; }

    /// <summary>The id of the format it lies on.</summary>
    public required string FormatId { get; init; }

    /// <summary>What it is.</summary>
    public required string Summary { get; init; }

    /// <summary>Whether tools use it for its format when nothing is said.</summary>
    public required bool IsDefault { get; init; }

    /// <summary>What the software's entries depend on beside its format's capabilities.</summary>
    public ImmutableArray<CapabilityDescription> Capabilities { get; init; } = [];

    /// <summary>Capabilities of the format that the software keeps off: with one on, the overlay says nothing true.</summary>
    public ImmutableArray<string> KeptOff { get; init; } = [];

    /// <summary>The variants; the first is the one used when none is named.</summary>
    public required ImmutableArray<OverlayVariant> Variants { get; init; }
}

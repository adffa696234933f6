using System.Collections.Immutable;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>An entry taken apart, for the hardware and for the software that wrote it.</summary>
internal sealed record Explanation
{
    /// <summary>The entry's format.</summary>
    public required FormatDescription Format { get; init; }

    /// <summary>The capabilities that it was judged by.</summary>
    public required CapabilityValues Capabilities { get; init; }

    /// <summary>What it is to the hardware.</summary>
    public required DecodedEntry Entry { get; init; }

    /// <summary>The bits of this entry that are set and that the hardware ignores.</summary>
    public required ulong IgnoredBits { get; init; }

    /// <summary>The software whose use of the format is shown; null for none.</summary>
    public required ChosenOverlay? Overlay { get; init; }

    /// <summary>What the software means by an entry that does not translate; null when it has no meaning for it.</summary>
    public SpecialEncoding? Meaning { get; init; }

    /// <summary>Whether the entry holds nothing to the software.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>What the software keeps in the entry.</summary>
    public ImmutableArray<DecodedField> SoftwareFields { get; init; } = [];

    /// <summary>The name of the memory type that a leaf holds; null for none.</summary>
    public string? MemoryType => Entry.MemoryType is int type ? Format.MemoryTypes?.NameOf((ulong)type) : null;

    /// <summary>The word for what the software means; null for none.</summary>
    public string? Software => Meaning?.Name ?? (IsEmpty ? "empty" : null);
}

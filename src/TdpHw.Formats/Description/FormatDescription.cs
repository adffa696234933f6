using System.Collections.Immutable;

namespace TdpHw.Formats;

/// <summary>
/// All that a definition says of a format, for people and for tools that pick the format at run time. Walks use
/// <see cref="FormatRules{TFormat}"/> instead.
/// </summary>
public sealed record FormatDescription
{
    /// <summary>The name used on the command line and in captures.</summary>
    public required string Id { get; init; }

    /// <summary>The name of the C# type.</summary>
    public required string Name { get; init; }

    /// <summary>What the format is.</summary>
    public required string Summary { get; init; }

    /// <summary>The documents that its rules cite.</summary>
    public required ImmutableArray<SourceDescription> Sources { get; init; }

    /// <summary>What the addresses are called that it translates, such as <c>GPA</c>.</summary>
    public required string InputName { get; init; }

    /// <summary>The smallest page has 2 to this power bytes.</summary>
    public required int PageShift { get; init; }

    /// <summary>How many address bits an index below the root has.</summary>
    public required int IndexBits { get; init; }

    /// <summary>In which order a walk judges an entry.</summary>
    public required CheckOrder CheckOrder { get; init; }

    /// <summary>
    /// Whether the bits of an input address above those that a walk translates must be copies of the highest of these, instead
    /// of zero.
    /// </summary>
    public bool IsInputSignExtended { get; init; }

    /// <summary>Rights that every access needs along its path, beside its own.</summary>
    public Rights RequiredRights { get; init; }

    /// <summary>
    /// The manual's one word for entries that are reserved or illegal, where it does not tell the two apart; otherwise null.
    /// </summary>
    public string? MalformedWord { get; init; }

    /// <summary>The levels, level 1 first.</summary>
    public required ImmutableArray<LevelDescription> Levels { get; init; }

    /// <summary>The depths of walk.</summary>
    public required ImmutableArray<WalkDescription> Walks { get; init; }

    /// <summary>The capabilities, in the order of <see cref="CapabilityValues"/>.</summary>
    public required ImmutableArray<CapabilityDescription> Capabilities { get; init; }

    /// <summary>The fields, in the order of the definition.</summary>
    public required ImmutableArray<FieldDescription> Fields { get; init; }

    /// <summary>What the bits are that are no fields.</summary>
    public required ImmutableArray<BitRuleDescription> BitRules { get; init; }

    /// <summary>The refused combinations; <see cref="IllegalRule.NameIndex"/> points here.</summary>
    public required ImmutableArray<IllegalRuleDescription> IllegalRules { get; init; }

    /// <summary>Ranges of addresses that the hardware treats apart.</summary>
    public ImmutableArray<AddressWindow> Windows { get; init; } = [];

    /// <summary>The capability that says how wide an output address is; null when it is the same on every machine.</summary>
    public string? AddressLimit { get; init; }

    /// <summary>The names of memory types, when entries hold one.</summary>
    public EnumDescription? MemoryTypes { get; init; }

    /// <summary>Every capability at its default.</summary>
    public CapabilityValues DefaultCapabilities => CapabilityValues.Defaults(Capabilities);

    /// <summary>The word that listings use for an entry's kind.</summary>
    public string ListingWord(EntryKind kind) => kind switch
    {
        EntryKind.Leaf => "leaf",
        EntryKind.Table => "table",
        EntryKind.ReservedBitSet => MalformedWord ?? "reserved",
        EntryKind.IllegalEncoding => MalformedWord ?? "illegal",
        _ => "not-present",
    };
}

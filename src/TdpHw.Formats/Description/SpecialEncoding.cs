using System.Collections.Immutable;

namespace TdpHw.Formats;

/// <summary>An entry that maps nothing to the hardware and means something to the software that wrote it.</summary>
/// <param name="Name">What the software means by it, as listings say it.</param>
/// <param name="Tests">An entry that matches one of these has this meaning.</param>
/// <param name="Fields">What else the software keeps in such an entry.</param>
/// <param name="Summary">What it is for.</param>
/// <param name="Source">Where that stands.</param>
public sealed record SpecialEncoding(
    string Name,
    ImmutableArray<EntryTest> Tests,
    ImmutableArray<FieldDescription> Fields,
    string Summary,
    string Source);

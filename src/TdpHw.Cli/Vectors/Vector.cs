using TdpHw.Formats;

namespace TdpHw.Cli.Vectors;

/// <summary>An entry and what hardware with some capabilities makes of it.</summary>
/// <param name="Capabilities">The capabilities.</param>
/// <param name="Base">The layout of the well-formed entry that it was made from.</param>
/// <param name="Bit">The one bit that tells it from that entry; null for the entry itself.</param>
/// <param name="Entry">The entry, taken apart.</param>
internal sealed record Vector(CapabilityValues Capabilities, EntryLayout Base, int? Bit, DecodedEntry Entry);

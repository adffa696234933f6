using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>What some bits of an entry are.</summary>
/// <param name="Bits">The bits.</param>
/// <param name="Symbol">The short name of a field; empty for other bits.</param>
/// <param name="Name">The name of a field, or the bits' status.</param>
/// <param name="Condition">When that holds; empty for always.</param>
/// <param name="Summary">What it means.</param>
/// <param name="Source">Where that stands.</param>
internal sealed record LayoutRow(
    BitRange Bits, string Symbol, string Name, string Condition, string Summary, string Source)
{
    /// <summary>The capability that says where the bit is, among <see cref="Bits"/>; null when they are known.</summary>
    public string? Position { get; init; }

    /// <summary>The bits as they are shown.</summary>
    public string Place => Position ?? Bits.ToString();
}

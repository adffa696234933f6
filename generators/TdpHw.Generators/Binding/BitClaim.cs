using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>A rule's word that some bits have some status, at some levels and layouts, under a condition.</summary>
/// <param name="At">Where the bits are written.</param>
/// <param name="Label">How messages call the rule.</param>
/// <param name="IsNegated">Whether the claim is made unless the condition holds.</param>
/// <param name="Position">The capability that says where its one bit is, within the address; null for claims of known bits.</param>
internal sealed record BitClaim(
    Node At, string Label, BitStatus Status, ulong Bits, uint Levels, EntryLayouts Layouts, ConditionSpec When, bool IsNegated,
    string? Position = null)
{
    public bool AppliesTo(int level, EntryLayouts layout) => (Levels >> level & 1) != 0 && (Layouts & layout) != 0;

    public bool Holds(ICollection<string> on) => When.Holds(on) != IsNegated;
}

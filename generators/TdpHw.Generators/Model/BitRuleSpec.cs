namespace TdpHw.Generators.Model;

/// <summary>Bits that are no field, and what they are.</summary>
internal sealed record BitRuleSpec(
    BitStatus Status, EquatableArray<BitSpan> Bits, uint Levels, EntryLayouts Layouts, ConditionSpec When, string Cite);

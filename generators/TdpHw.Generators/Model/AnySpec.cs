namespace TdpHw.Generators.Model;

/// <summary>Bits of which some must be set, together with others. Those of a field that is switched off read as zero.</summary>
internal sealed record AnySpec(string Symbol, ulong Mask, ConditionSpec When);

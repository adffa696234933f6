namespace TdpHw.Generators.Model;

/// <summary>Bits that must have a value. The bits of a field that is switched off read as zero.</summary>
internal sealed record MatchSpec(string Symbol, ulong Mask, ulong Value, ConditionSpec When);

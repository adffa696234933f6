namespace TdpHw.Generators.Model;

/// <summary>
/// Bits of which some must differ from a value, together with others. Those of a field that is switched off read as zero.
/// </summary>
/// <param name="Flip">The value to differ from: 0 for "is set".</param>
/// <param name="Beyond">Bits that take part where they lie at or above the address limit.</param>
/// <param name="BeyondHigh">The same of the address bits that stand apart.</param>
internal sealed record AnySpec(
    string Symbol, ulong Mask, ConditionSpec When, ulong Flip = 0, ulong Beyond = 0, ulong BeyondHigh = 0);

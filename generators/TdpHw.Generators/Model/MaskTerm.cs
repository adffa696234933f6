namespace TdpHw.Generators.Model;

/// <summary>Bits that belong to a mask under a condition, or, negated, unless it holds.</summary>
/// <param name="Side">Where an address limit cuts them.</param>
internal sealed record MaskTerm(ulong Bits, ConditionSpec When, bool IsNegated, LimitSide Side = LimitSide.Both)
{
    public bool Holds(ICollection<string> on) => When.Holds(on) != IsNegated;
}

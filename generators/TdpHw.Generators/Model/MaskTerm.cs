namespace TdpHw.Generators.Model;

/// <summary>Bits that belong to a mask under a condition, or, negated, unless it holds.</summary>
internal sealed record MaskTerm(ulong Bits, ConditionSpec When, bool IsNegated)
{
    public bool Holds(ICollection<string> on) => When.Holds(on) != IsNegated;
}

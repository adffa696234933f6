namespace TdpHw.Generators.Model;

/// <summary>A mask as a function of capabilities.</summary>
/// <param name="Always">Bits that are always in it.</param>
/// <param name="Terms">Bits that are in it under conditions.</param>
/// <param name="WithinLimit">Bits of which those below the address limit are in it.</param>
/// <param name="BeyondLimit">Bits of which those at and above the address limit are in it.</param>
/// <param name="Except">Capabilities that say where a bit is which is never in it.</param>
internal sealed record MaskSpec(
    ulong Always, EquatableArray<MaskTerm> Terms, ulong WithinLimit, ulong BeyondLimit, EquatableArray<string> Except = default)
{
    public static readonly MaskSpec Empty = new(0, default, 0, 0);

    public bool IsEmpty => this == Empty;

    /// <summary>The bits that are in the mask with the given flags on, whatever the address limit is.</summary>
    public ulong Certain(ICollection<string> on) =>
        Terms.Where(t => t.Side == LimitSide.Both && t.Holds(on)).Aggregate(Always, (bits, t) => bits | t.Bits);

    /// <summary>The bits of which those at and above the address limit are in the mask with the given flags on.</summary>
    public ulong Beyond(ICollection<string> on) =>
        Terms.Where(t => t.Side == LimitSide.Beyond && t.Holds(on)).Aggregate(BeyondLimit, (bits, t) => bits | t.Bits);
}

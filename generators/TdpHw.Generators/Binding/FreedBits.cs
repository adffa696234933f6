using TdpHw.Generators.Model;

namespace TdpHw.Generators.Binding;

/// <summary>The bits in the address's span that rules claim under some capabilities only: under all others they are address.</summary>
internal static class FreedBits
{
    /// <summary>The bits within <paramref name="span"/>, each with when no rule has it.</summary>
    public static IEnumerable<MaskTerm> Of(IEnumerable<BitClaim> claims, ulong span)
    {
        BitClaim[] here = [.. claims.Where(c => (c.Bits & span) != 0)];
        ulong rest = here.Aggregate(0ul, (bits, c) => bits | (c.Bits & span));
        while (rest != 0)
        {
            // Bits that the same rules claim go together.
            ulong bit = rest & (~rest + 1);
            BitClaim[] claiming = [.. here.Where(c => (c.Bits & bit) != 0)];
            ulong bits = here.Aggregate(rest, (left, c) => left & ((c.Bits & bit) != 0 ? c.Bits : ~c.Bits));
            rest &= ~bits;
            if (claiming.Length == 1)
            {
                if (!claiming[0].When.IsAlways)
                {
                    yield return new MaskTerm(bits, claiming[0].When, !claiming[0].IsNegated);
                }

                continue;
            }

            foreach (ConditionSpec condition in claiming.Aggregate(
                (IEnumerable<ConditionSpec>)[ConditionSpec.Always],
                (free, c) => free.SelectMany(f => WithoutClaim(c).Select(f.And)).Where(f => f.IsPossible).Distinct()))
            {
                yield return new MaskTerm(bits, condition, false);
            }
        }
    }

    /// <summary>The conditions under one of which a claim is not made.</summary>
    private static IEnumerable<ConditionSpec> WithoutClaim(BitClaim claim) => claim.IsNegated ? [claim.When] : claim.When.Opposites;
}

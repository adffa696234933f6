using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// What a level's entries usually look like, apart from their addresses and the bits that mean nothing: the last well-formed one
/// that was judged. An entry that looks the same means the same, which is one compare instead of a judgement.
/// </summary>
internal readonly struct UsualEntry
{
    /// <summary>What <paramref name="entry"/> looks like.</summary>
    /// <param name="rules">The rules of its level.</param>
    /// <param name="entry">A well-formed entry.</param>
    public UsualEntry(LevelRules rules, ulong entry)
    {
        EntryVerdict verdict = rules.Judge(entry);
        Mask = rules.DecidingBits(entry) | verdict.Reserved | rules.HighAddress;
        Bits = entry & Mask;
        HighAddress = (entry & rules.HighAddress) << rules.HighAddressShift;
    }

    private UsualEntry(ulong mask, ulong bits)
    {
        Mask = mask;
        Bits = bits;
    }

    /// <summary>What no entry looks like.</summary>
    public static UsualEntry None => new(0, 1);

    /// <summary>The bits that make out what an entry looks like.</summary>
    public ulong Mask { get; }

    /// <summary>What these bits are.</summary>
    public ulong Bits { get; }

    /// <summary>The bits of its address that stand apart from the others, at their place in the address.</summary>
    public ulong HighAddress { get; }

    /// <summary>Whether <paramref name="entry"/> looks the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Matches(ulong entry) => (entry & Mask) == Bits;
}

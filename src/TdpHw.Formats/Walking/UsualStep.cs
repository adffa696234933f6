using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// What a walk usually does at a level: what the last well-formed entry looked like, with which rights a walk came to it, and what
/// became of it. A walk that comes to an entry that looks the same with the same rights does the same.
/// </summary>
/// <param name="Entry">What the entry looks like.</param>
/// <param name="Above">The rights along the path above.</param>
internal readonly record struct UsualStep(UsualEntry Entry, Rights Above)
{
    /// <summary>What walks do at <paramref name="entry"/>.</summary>
    public UsualStep(LevelRules rules, ulong entry, Rights above)
        : this(new UsualEntry(rules, entry), above)
    {
    }

    /// <summary>What no walk does.</summary>
    public static UsualStep None => new(UsualEntry.None, Rights.None);

    /// <summary>The rights along the path with the entry's, where it leads to a table.</summary>
    public Rights Below { get; init; }

    /// <summary>The flags of the answer, where it is a leaf.</summary>
    public ulong Flags { get; init; }

    /// <summary>Whether a walk that comes to <paramref name="entry"/> with <paramref name="rights"/> does it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsFor(ulong entry, Rights rights) => Entry.Matches(entry) && rights == Above;

    /// <summary>Takes what a walk ended at for what is usual at its level, when it is a leaf whose page is as large as its slot.</summary>
    /// <param name="rules">The rules of the level.</param>
    /// <param name="entry">The entry that it ended at.</param>
    /// <param name="above">The rights along the path above.</param>
    /// <param name="answer">Its answer.</param>
    /// <param name="usual">What is usual.</param>
    public static bool TryLearnLeaf(LevelRules rules, ulong entry, Rights above, in WalkResult answer, ref UsualStep usual)
    {
        if (answer.PageShift == 0 || rules.IsSizeCoded(entry))
        {
            return false;
        }

        usual = new UsualStep(rules, entry, above) { Flags = answer.Flags };
        return true;
    }

    /// <summary>What a walk ends with at an entry that is this leaf.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WalkResult Leaf<TFormat>(LevelRules rules, ulong entry, ulong entryAddress, InputAddress address)
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        ulong output = ((entry & rules.LeafAddress) << TFormat.AddressShift) | Entry.HighAddress
            | (address.Value & (rules.PageSize - 1));
        return new WalkResult(entry, new(entryAddress), new(output), Flags);
    }
}

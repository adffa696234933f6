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
}

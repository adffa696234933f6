using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TdpHw.Formats;

/// <summary>
/// All that is true of the entries at one level once the hardware's capabilities are known: masks and tests, nothing left
/// to ask. Generated code makes one for each level of a format.
/// </summary>
public sealed class LevelRules
{
    private readonly EntryTests _present;

    // Not empty ones to begin with: those of our own types are compiled anew in each process.
    private readonly LeafRule[] _leaf = null!;
    private readonly IllegalRule[] _illegal = null!;
    private readonly RightRule[]? _furtherRights;
    private readonly ulong _leafReserved;
    private readonly ulong _leafRes0;
    private readonly ulong _leafIgnored;
    private readonly ulong _leafAddress;
    private readonly ulong _leafAccessed;
    private readonly ulong _leafDirty;
    private readonly ulong _codedAddress;
    private readonly ulong _codedSizeBits;
    private readonly Rights _grantedByTables;
    private readonly bool _hasUnusualRights;
    private EntryVerdicts? _verdicts;

    /// <summary>The level these rules are for, counted from 1 (the level of the smallest page).</summary>
    public required int Level { get; init; }

    /// <summary>The lowest address bit that this level's index is taken from; a leaf maps 2 to this power bytes.</summary>
    public required int Shift { get; init; }

    /// <summary>An entry is present when it matches one of these.</summary>
    public required EntryTests Present { get => _present; init => _present = value; }

    /// <summary>
    /// Leaf selection; the first match decides, no match is a table. To be set before the masks of leaves, which are 0 without it.
    /// </summary>
    public required ImmutableArray<LeafRule> Leaf
    {
        get => ImmutableCollectionsMarshal.AsImmutableArray(_leaf);
        init
        {
            _leaf = Possible(value, static rule => rule.Test);
            _codedSizeBits = BitsOfCodedSizes(_leaf);
        }
    }

    /// <summary>Combinations that are refused.</summary>
    public required ImmutableArray<IllegalRule> Illegal
    {
        get => ImmutableCollectionsMarshal.AsImmutableArray(_illegal);
        init => _illegal = Possible(value, static rule => rule.Test);
    }

    /// <summary>Bits of a leaf that must be zero and fault; this mask and the others are 0 where the level has no leaf.</summary>
    public ulong LeafReserved { get => _leafReserved; init => _leafReserved = HasLeaf ? value : 0; }

    /// <summary>
    /// Bits of a table entry that must be zero and fault, with those that select a refused leaf; this mask and the others are
    /// 0 where the level has no table.
    /// </summary>
    public ulong TableReserved { get; init; }

    /// <summary>Bits that are judged as reserved in a refused leaf; 0 where no leaf is refused.</summary>
    public ulong RefusedReserved { get; init; }

    /// <summary>Bits of a leaf that should be zero and do not fault.</summary>
    public ulong LeafRes0 { get => _leafRes0; init => _leafRes0 = HasLeaf ? value : 0; }

    /// <summary>Bits of a table entry that should be zero and do not fault.</summary>
    public ulong TableRes0 { get; init; }

    /// <summary>Bits of a leaf that the hardware ignores: free for software.</summary>
    public ulong LeafIgnored { get => _leafIgnored; init => _leafIgnored = HasLeaf ? value : 0; }

    /// <summary>Bits of a table entry that the hardware ignores: free for software.</summary>
    public ulong TableIgnored { get; init; }

    /// <summary>Bits of a leaf that hold the page's address, where its level says how large it is.</summary>
    public ulong LeafAddress { get => _leafAddress; init => _leafAddress = HasLeaf ? value : 0; }

    /// <summary>Bits of a leaf that hold the page's address and size, where these bits say how large it is.</summary>
    public ulong CodedAddress { get => _codedAddress; init => _codedAddress = HasCodedSize ? value : 0; }

    /// <summary>Bits of a table entry that hold the next table's address.</summary>
    public ulong TableAddress { get; init; }

    /// <summary>An address is its bits in the entry shifted left by this.</summary>
    public int AddressShift { get; init; }

    /// <summary>Bits of a present entry that hold more of the address, away from the others; 0 where there are none.</summary>
    public ulong HighAddress { get; init; }

    /// <summary>Those bits of the address are the ones in the entry shifted left by this.</summary>
    public int HighAddressShift { get; init; }

    /// <summary>Bits of a table entry that hold the next table's level; 0 where that is always the level below.</summary>
    public ulong NextLevel { get; init; }

    /// <summary>The bit that the hardware sets in a leaf when it is used; 0 when it sets none.</summary>
    public ulong LeafAccessed { get => _leafAccessed; init => _leafAccessed = HasLeaf ? value : 0; }

    /// <summary>The bit that the hardware sets in a table entry when it is used; 0 when it sets none.</summary>
    public ulong TableAccessed { get; init; }

    /// <summary>The bit that the hardware sets in a leaf when the page is written; 0 when it sets none.</summary>
    public ulong LeafDirty { get => _leafDirty; init => _leafDirty = HasLeaf ? value : 0; }

    /// <summary>Bits of a leaf that hold a memory type in force; 0 when there is none.</summary>
    public ulong LeafMemoryType { get; init; }

    /// <summary>Grants <see cref="Rights.Read"/>.</summary>
    public EntryTest Read { get; init; } = EntryTest.Always;

    /// <summary>Grants <see cref="Rights.Write"/>.</summary>
    public EntryTest Write { get; init; } = EntryTest.Always;

    /// <summary>Grants <see cref="Rights.Execute"/>.</summary>
    public EntryTest Execute { get; init; } = EntryTest.Always;

    /// <summary>Grants <see cref="Rights.UserExecute"/>.</summary>
    public EntryTest UserExecute { get; init; } = EntryTest.Always;

    /// <summary>Grants <see cref="Rights.User"/>.</summary>
    public EntryTest User { get; init; } = EntryTest.Always;

    /// <summary>What grants rights beside the five tests, for rights that no single test tells.</summary>
    public ImmutableArray<RightRule> FurtherRights
    {
        get => _furtherRights is null ? [] : ImmutableCollectionsMarshal.AsImmutableArray(_furtherRights);
        init
        {
            _furtherRights = Possible(value, static rule => rule.Test);
            _hasUnusualRights |= _furtherRights.Length != 0;
        }
    }

    /// <summary>Rights that only leaves judge: a table entry grants them whatever it holds.</summary>
    public Rights GrantedByTables
    {
        get => _grantedByTables;
        init
        {
            _grantedByTables = value;
            _hasUnusualRights |= value != Rights.None;
        }
    }

    /// <summary>Rights that every access needs along its path, beside its own.</summary>
    public Rights RequiredRights { get; init; }

    /// <summary>How many bytes a leaf at this level maps when it does not say so itself.</summary>
    public ulong PageSize => 1ul << Shift;

    /// <summary>The tests of <see cref="Present"/>, in place.</summary>
    internal ReadOnlySpan<EntryTest> PresentTests => _present.Tests;

    /// <summary>Whether <paramref name="entry"/> is present.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsPresent(ulong entry) => _present.AnyMatches(entry);

    /// <summary>The layout that <paramref name="entry"/> is read with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EntryLayout LayoutOf(ulong entry) => IsPresent(entry) ? PresentLayoutOf(entry) : EntryLayout.NotPresent;

    /// <summary>The layout of an entry that is known to be present.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EntryLayout PresentLayoutOf(ulong entry)
    {
        foreach (LeafRule rule in _leaf)
        {
            if (rule.Test.Matches(entry))
            {
                return rule.Supported ? EntryLayout.Leaf : EntryLayout.RefusedLeaf;
            }
        }

        return EntryLayout.Table;
    }

    /// <summary>The bits that are reserved in an entry with <paramref name="layout"/>; none for one that is not present.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReservedIn(EntryLayout layout) => layout switch
    {
        EntryLayout.Leaf => LeafReserved,
        EntryLayout.Table => TableReserved,
        EntryLayout.RefusedLeaf => RefusedReserved,
        _ => 0,
    };

    /// <summary>Whether an entry with <paramref name="layout"/> holds a refused combination.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsIllegal(ulong entry, EntryLayout layout)
    {
        foreach (IllegalRule rule in _illegal)
        {
            if ((rule.AppliesTo & layout) != 0 && rule.Test.Matches(entry))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// What <paramref name="entry"/> is. A set reserved bit is reported before a refused combination.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EntryKind KindOf(ulong entry)
    {
        EntryLayout layout = LayoutOf(entry);
        if (layout == EntryLayout.NotPresent)
        {
            return EntryKind.NotPresent;
        }

        if ((entry & ReservedIn(layout)) != 0)
        {
            return EntryKind.ReservedBitSet;
        }

        if (IsIllegal(entry, layout))
        {
            return EntryKind.IllegalEncoding;
        }

        return layout == EntryLayout.Leaf ? EntryKind.Leaf : EntryKind.Table;
    }

    /// <summary>What <paramref name="entry"/> is, and what it grants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal EntryVerdict Judge(ulong entry) =>
        (_verdicts ?? GatherVerdicts()).TryFind(entry, out EntryVerdict verdict) ? verdict : JudgeByTests(entry);

    /// <summary>The same, test by test.</summary>
    internal EntryVerdict JudgeByTests(ulong entry)
    {
        EntryLayout layout = LayoutOf(entry);
        EntryKind kind = layout switch
        {
            EntryLayout.NotPresent => EntryKind.NotPresent,
            _ when IsIllegal(entry, layout) => EntryKind.IllegalEncoding,
            EntryLayout.Leaf => EntryKind.Leaf,
            _ => EntryKind.Table,
        };
        return new EntryVerdict(ReservedIn(layout), kind, RightsByTests(entry));
    }

    /// <summary>The rights that a present entry grants by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Rights RightsOf(ulong entry) =>
        (_verdicts ?? GatherVerdicts()).TryFindRights(entry, out Rights rights) ? rights : RightsByTests(entry);

    /// <summary>The same, test by test: for who asks once.</summary>
    internal Rights RightsByTests(ulong entry)
    {
        Rights rights = (Read.Matches(entry) ? Rights.Read : 0)
            | (Write.Matches(entry) ? Rights.Write : 0)
            | (Execute.Matches(entry) ? Rights.Execute : 0)
            | (UserExecute.Matches(entry) ? Rights.UserExecute : 0)
            | (User.Matches(entry) ? Rights.User : 0);
        return _hasUnusualRights ? rights | UnusualRightsOf(entry) : rights;
    }

    /// <summary>What rights along a path are worth: without those that every access needs, no access is allowed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Rights Effective(Rights path) =>
        (path & RequiredRights) == RequiredRights ? path : path & ~RightsExtensions.OfAccesses;

    /// <summary>A well-formed leaf maps 2 to this power bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PageShiftOf(ulong entry) => IsSizeCoded(entry) ? CodedShiftOf(entry) : Shift;

    /// <summary>
    /// Whether the address of a leaf says how large its page is: such a page may stand in several slots. Leaves that agree in their
    /// <see cref="DecidingBits"/> agree in this.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsSizeCoded(ulong entry) =>
        CodedAddress != 0 && (entry & _codedSizeBits) == _codedSizeBits && SizeCodeOf(entry) != PageSizeCode.Level;

    /// <summary>Where the page of a leaf starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong PageOf(ulong entry) => IsSizeCoded(entry)
        ? CodedPageOf(entry)
        : ((entry & LeafAddress) << AddressShift) | ((entry & HighAddress) << HighAddressShift);

    /// <summary>Where the table that an entry leads to starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong TableOf(ulong entry) =>
        ((entry & TableAddress) << AddressShift) | ((entry & HighAddress) << HighAddressShift);

    /// <summary>The level of the table that a well-formed table entry leads to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int NextLevelOf(ulong entry) => NextLevel == 0
        ? Level - 1
        : (int)((entry & NextLevel) >> BitOperations.TrailingZeroCount(NextLevel));

    /// <summary>Says where an entry leads, judged on one read of it.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="table">Where the table starts.</param>
    /// <param name="level">The level of the table, which is below this one.</param>
    /// <returns>Whether it is a well-formed table entry.</returns>
    internal bool TryPoint(ulong entry, out ulong table, out int level)
    {
        EntryVerdict verdict = Judge(entry);
        table = TableOf(entry);
        level = NextLevelOf(entry);
        return verdict.Kind == EntryKind.Table && (entry & verdict.Reserved) == 0 && level >= 1 && level < Level;
    }

    /// <summary>The memory type that a leaf holds, or -1 when none is in force.</summary>
    public int MemoryTypeOf(ulong entry) => LeafMemoryType == 0
        ? -1
        : (int)((entry & LeafMemoryType) >> BitOperations.TrailingZeroCount(LeafMemoryType));

    /// <summary>The bits that decide which layout an entry has, what it grants and which level it leads to.</summary>
    private ulong CertainBits
    {
        get
        {
            ulong bits = NextLevel | Read.Bits | Write.Bits | Execute.Bits | UserExecute.Bits | User.Bits;
            for (int i = 0; i < _present.Count; i++)
            {
                bits |= _present[i].Bits;
            }

            foreach (LeafRule rule in _leaf)
            {
                bits |= rule.Test.Bits;
            }

            foreach (RightRule rule in FurtherRights)
            {
                bits |= rule.Test.Bits;
            }

            return bits;
        }
    }

    /// <summary>
    /// The bits that decide what a well-formed entry is and what it grants: bits of a combination that it can't hold, whatever these
    /// are, do not count.
    /// </summary>
    internal ulong DecidingBits(ulong entry) =>
        (_verdicts ?? GatherVerdicts()).TryFindDecidingBits(entry, out ulong bits) ? bits : DecidingBitsByTests(entry);

    /// <summary>The same, test by test.</summary>
    internal ulong DecidingBitsByTests(ulong entry)
    {
        ulong certain = CertainBits;
        ulong bits = certain;
        EntryLayout layout = LayoutOf(entry);
        foreach (IllegalRule rule in _illegal)
        {
            bits |= rule.CanMatch(entry, layout, certain) ? rule.Test.Bits : 0;
        }

        return bits;
    }

    // Only once asked for: who decodes a single entry needs none.
    private EntryVerdicts GatherVerdicts() => _verdicts = EntryVerdicts.Of(this, CertainBits);

    // Leaf is set before the masks: a machine may lack all rows of a level that the definition has.
    private bool HasLeaf => _leaf is { Length: not 0 };

    private bool HasCodedSize
    {
        get
        {
            if (HasLeaf)
            {
                foreach (LeafRule rule in _leaf)
                {
                    if (rule.Size != PageSizeCode.Level)
                    {
                        return true;
                    }
                }
            }

            return false;
        }
    }

    /// <summary>Bits that every leaf has set which says itself how large it is.</summary>
    private static ulong BitsOfCodedSizes(LeafRule[] rules)
    {
        ulong bits = ulong.MaxValue;
        foreach (LeafRule rule in rules)
        {
            bits &= rule.Size == PageSizeCode.Level ? ulong.MaxValue : rule.Test.Value;
        }

        return bits;
    }

    // What no entry can match need not be asked. Indexed, because other ways through an immutable array of our own values are
    // compiled anew in each process.
    private static TRule[] Possible<TRule>(ImmutableArray<TRule> rules, Func<TRule, EntryTest> testOf)
    {
        int count = 0;
        for (int i = 0; i < rules.Length; i++)
        {
            count += testOf(rules[i]) != EntryTest.Never ? 1 : 0;
        }

        var possible = new TRule[count];
        for (int i = rules.Length - 1; i >= 0; i--)
        {
            if (testOf(rules[i]) != EntryTest.Never)
            {
                possible[--count] = rules[i];
            }
        }

        return possible;
    }

    private Rights UnusualRightsOf(ulong entry)
    {
        Rights rights = GrantedByTables != 0 && PresentLayoutOf(entry) == EntryLayout.Table ? GrantedByTables : Rights.None;
        foreach (RightRule rule in FurtherRights)
        {
            rights |= rule.Test.Matches(entry) ? rule.Right : Rights.None;
        }

        return rights;
    }

    private int CodedShiftOf(ulong entry)
    {
        ulong address = (entry & CodedAddress) << AddressShift;
        ulong below = (CodedAddress & (~CodedAddress + 1)) << AddressShift;
        switch (SizeCodeOf(entry))
        {
            case PageSizeCode.LowestZero:
                return BitOperations.TrailingZeroCount(~(address | (below - 1))) + 1;
            case PageSizeCode.LowestOne when address != 0:
                return BitOperations.TrailingZeroCount(address) + 1;
            default:
                return Shift;
        }
    }

    private ulong CodedPageOf(ulong entry)
    {
        ulong address = (entry & CodedAddress) << AddressShift;
        return (address & (ulong.MaxValue << CodedShiftOf(entry))) | ((entry & HighAddress) << HighAddressShift);
    }

    private PageSizeCode SizeCodeOf(ulong entry)
    {
        foreach (LeafRule rule in _leaf)
        {
            if (rule.Test.Matches(entry))
            {
                return rule.Size;
            }
        }

        return PageSizeCode.Level;
    }
}

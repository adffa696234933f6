using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TdpHw.Formats;

/// <summary>Judges all entries of a table at once.</summary>
public static class TableScan
{
    /// <summary>The largest number of entries that one scan takes.</summary>
    public const int MaxEntries = EntryBitmap.WordCount * 64;

    private const int EntriesPerWord = 64;

    // Vectors that share one look at whether they are as usual.
    private const int Unrolled = 4;

    /// <summary>Says of each entry of a table what it is. Allocates nothing; each entry is read once.</summary>
    /// <param name="rules">The rules of the table's level.</param>
    /// <param name="table">The entries, at most <see cref="MaxEntries"/>; a larger root is scanned in parts.</param>
    /// <param name="bitmaps">The answers; bits beyond the table's end are 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The table has more than <see cref="MaxEntries"/> entries.</exception>
    public static void Classify(LevelRules rules, ReadOnlySpan<ulong> table, out TableBitmaps bitmaps)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(table.Length, MaxEntries, nameof(table));
        var upcoming = default(UpcomingTables);
        Classify(rules, table, ref upcoming, out bitmaps);
    }

    /// <summary>The same, with other tables fetched meanwhile.</summary>
    internal static void Classify(
        LevelRules rules, ReadOnlySpan<ulong> table, ref UpcomingTables upcoming, out TableBitmaps bitmaps)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Classify<EntryLanes512>(rules, table, ref upcoming, out bitmaps);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Classify<EntryLanes256>(rules, table, ref upcoming, out bitmaps);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Classify<EntryLanes128>(rules, table, ref upcoming, out bitmaps);
        }
        else
        {
            Classify<EntryLanes64>(rules, table, ref upcoming, out bitmaps);
        }
    }

    /// <summary>The same with a width that the caller chooses; every width runs everywhere, at different speeds.</summary>
    internal static void Classify<TLanes>(LevelRules rules, ReadOnlySpan<ulong> table, out TableBitmaps bitmaps)
        where TLanes : struct, IEntryLanes<TLanes>
    {
        var upcoming = default(UpcomingTables);
        Classify<TLanes>(rules, table, ref upcoming, out bitmaps);
    }

    private static void Classify<TLanes>(
        LevelRules rules, ReadOnlySpan<ulong> table, ref UpcomingTables upcoming, out TableBitmaps bitmaps)
        where TLanes : struct, IEntryLanes<TLanes>
    {
        bitmaps = default;
        ref ulong entries = ref MemoryMarshal.GetReference(table);
        UsualEntries usual = table.IsEmpty ? UsualEntries.None : new UsualEntries(rules, entries);
        int word = 0;
        for (; word < table.Length / EntriesPerWord; word++)
        {
            upcoming.Pass(EntriesPerWord);
            var answers = default(Answers);
            for (int block = 0; block < EntriesPerWord; block += Unrolled * TLanes.Count)
            {
                ref ulong first = ref Unsafe.Add(ref entries, (word * EntriesPerWord) + block);
                if (!TryJudgeUsual<TLanes>(in usual, ref first, block, ref answers))
                {
                    for (int i = 0; i < Unrolled * TLanes.Count; i += TLanes.Count)
                    {
                        Judge(rules, TLanes.Load(ref Unsafe.Add(ref first, i)), block + i, ref answers);
                    }

                    usual = new UsualEntries(rules, Unsafe.Add(ref first, (Unrolled * TLanes.Count) - 1));
                }
            }

            Put(in answers, word, ref bitmaps);
        }

        if (table.Length % EntriesPerWord != 0)
        {
            var answers = default(Answers);
            for (int i = 0; i < table.Length % EntriesPerWord; i++)
            {
                Judge(rules, EntryLanes64.Load(ref Unsafe.Add(ref entries, (word * EntriesPerWord) + i)), i, ref answers);
            }

            Put(in answers, word, ref bitmaps);
        }
    }

    private static void Put(in Answers answers, int word, ref TableBitmaps bitmaps)
    {
        bitmaps.Present[word] = answers.Present;
        bitmaps.Leaf[word] = answers.Leaf;
        bitmaps.Violation[word] = answers.Violation;
        bitmaps.Accessed[word] = answers.Accessed;
        bitmaps.Dirty[word] = answers.Dirty;
    }

    /// <summary>Judges a block whose entries all look like the usual one; only what the hardware marks may differ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryJudgeUsual<TLanes>(in UsualEntries usual, ref ulong first, int shift, ref Answers answers)
        where TLanes : struct, IEntryLanes<TLanes>
    {
        TLanes zero = TLanes.All(0);
        TLanes mask = TLanes.All(usual.Mask);
        TLanes bits = TLanes.All(usual.Bits);
        TLanes accessedMask = TLanes.All(usual.AccessedMask);
        TLanes dirtyMask = TLanes.All(usual.DirtyMask);
        TLanes entries0 = TLanes.Load(ref first);
        TLanes entries1 = TLanes.Load(ref Unsafe.Add(ref first, TLanes.Count));
        TLanes entries2 = TLanes.Load(ref Unsafe.Add(ref first, 2 * TLanes.Count));
        TLanes entries3 = TLanes.Load(ref Unsafe.Add(ref first, 3 * TLanes.Count));
        TLanes difference = (((entries0 & mask) ^ bits) | ((entries1 & mask) ^ bits))
            | (((entries2 & mask) ^ bits) | ((entries3 & mask) ^ bits));
        if (!TLanes.IsZero(difference))
        {
            return false;
        }

        ulong unused = TLanes.HighestBits(TLanes.WhereEqual(entries0 & accessedMask, zero))
            | TLanes.HighestBits(TLanes.WhereEqual(entries1 & accessedMask, zero)) << TLanes.Count
            | TLanes.HighestBits(TLanes.WhereEqual(entries2 & accessedMask, zero)) << (2 * TLanes.Count)
            | TLanes.HighestBits(TLanes.WhereEqual(entries3 & accessedMask, zero)) << (3 * TLanes.Count);
        ulong clean = TLanes.HighestBits(TLanes.WhereEqual(entries0 & dirtyMask, zero))
            | TLanes.HighestBits(TLanes.WhereEqual(entries1 & dirtyMask, zero)) << TLanes.Count
            | TLanes.HighestBits(TLanes.WhereEqual(entries2 & dirtyMask, zero)) << (2 * TLanes.Count)
            | TLanes.HighestBits(TLanes.WhereEqual(entries3 & dirtyMask, zero)) << (3 * TLanes.Count);
        ulong all = ulong.MaxValue >> (64 - (Unrolled * TLanes.Count));
        answers.Present |= (usual.Present & all) << shift;
        answers.Leaf |= (usual.Leaf & all) << shift;
        answers.Accessed |= (unused ^ all) << shift;
        answers.Dirty |= (clean ^ all) << shift;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Judge<TLanes>(LevelRules rules, TLanes entries, int shift, ref Answers answers)
        where TLanes : struct, IEntryLanes<TLanes>
    {
        TLanes zero = TLanes.All(0);
        TLanes present = zero;
        foreach (ref readonly EntryTest test in rules.PresentTests)
        {
            present |= Matches(entries, in test);
        }

        TLanes table = present;
        TLanes leaf = zero;
        TLanes refused = zero;
        foreach (ref readonly LeafRule rule in rules.Leaf.AsSpan())
        {
            TLanes chosen = Matches(entries, rule.Test) & table;
            leaf |= rule.Supported ? chosen : zero;
            refused |= rule.Supported ? zero : chosen;
            table &= ~chosen;
        }

        TLanes reserved = (leaf & TLanes.All(rules.LeafReserved))
            | (refused & TLanes.All(rules.RefusedReserved))
            | (table & TLanes.All(rules.TableReserved));
        TLanes violation = ~TLanes.WhereEqual(entries & reserved, zero);
        foreach (ref readonly IllegalRule rule in rules.Illegal.AsSpan())
        {
            TLanes judged = ((rule.AppliesTo & EntryLayout.Leaf) != 0 ? leaf : zero)
                | ((rule.AppliesTo & EntryLayout.Table) != 0 ? table : zero)
                | ((rule.AppliesTo & EntryLayout.RefusedLeaf) != 0 ? refused : zero);
            violation |= Matches(entries, rule.Test) & judged;
        }

        TLanes accessed = (leaf & TLanes.All(rules.LeafAccessed)) | ((table | refused) & TLanes.All(rules.TableAccessed));
        TLanes dirty = leaf & TLanes.All(rules.LeafDirty);
        answers.Present |= TLanes.HighestBits(present) << shift;
        answers.Leaf |= TLanes.HighestBits(leaf) << shift;
        answers.Violation |= TLanes.HighestBits(violation) << shift;
        answers.Accessed |= TLanes.HighestBits(~TLanes.WhereEqual(entries & accessed, zero)) << shift;
        answers.Dirty |= TLanes.HighestBits(~TLanes.WhereEqual(entries & dirty, zero)) << shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Matches<TLanes>(TLanes entries, in EntryTest test)
        where TLanes : struct, IEntryLanes<TLanes>
    {
        TLanes equal = TLanes.WhereEqual(entries & TLanes.All(test.Mask), TLanes.All(test.Value));
        return test.Any == 0
            ? equal
            : equal & ~TLanes.WhereEqual((entries ^ TLanes.All(test.Flip)) & TLanes.All(test.Any), TLanes.All(0));
    }

    /// <summary>A word of each bitmap.</summary>
    private struct Answers
    {
        public ulong Present;
        public ulong Leaf;
        public ulong Violation;
        public ulong Accessed;
        public ulong Dirty;
    }

    /// <summary>What entries are that look like one that was judged, which is well formed.</summary>
    private readonly struct UsualEntries
    {
        public readonly ulong Mask;
        public readonly ulong Bits;
        public readonly ulong Present;
        public readonly ulong Leaf;
        public readonly ulong AccessedMask;
        public readonly ulong DirtyMask;

        public UsualEntries(LevelRules rules, ulong entry)
        {
            EntryVerdict verdict = rules.Judge(entry);
            if ((entry & verdict.Reserved) != 0 || verdict.Kind == EntryKind.IllegalEncoding)
            {
                this = None;
                return;
            }

            bool isLeaf = verdict.Kind == EntryKind.Leaf;
            bool isTable = verdict.Kind == EntryKind.Table;
            Mask = rules.DecidingBits(entry) | verdict.Reserved;
            Bits = entry & Mask;
            Present = isLeaf || isTable ? ulong.MaxValue : 0;
            Leaf = isLeaf ? ulong.MaxValue : 0;
            AccessedMask = isLeaf ? rules.LeafAccessed : isTable ? rules.TableAccessed : 0;
            DirtyMask = isLeaf ? rules.LeafDirty : 0;
        }

        private UsualEntries(ulong mask, ulong bits)
        {
            Mask = mask;
            Bits = bits;
        }

        /// <summary>What no entry looks like.</summary>
        public static UsualEntries None => new(0, 1);
    }
}

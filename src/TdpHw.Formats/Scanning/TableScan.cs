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

    /// <summary>Says of each entry of a table what it is. Allocates nothing; what is said of an entry comes from one read of it.</summary>
    /// <param name="rules">The rules of the table's level.</param>
    /// <param name="table">The entries, at most <see cref="MaxEntries"/>; a larger root is scanned in parts.</param>
    /// <param name="bitmaps">The answers; bits beyond the table's end are 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The table has more than <see cref="MaxEntries"/> entries.</exception>
    public static void Classify(LevelRules rules, ReadOnlySpan<ulong> table, out TableBitmaps bitmaps)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(table.Length, MaxEntries, nameof(table));
        var usual = default(UsualEntries);
        var upcoming = default(NothingUpcoming);
        Classify(rules, table, ref usual, ref upcoming, out bitmaps);
    }

    /// <summary>The same for tables one after the other, with others fetched meanwhile.</summary>
    /// <param name="rules">The rules of the table's level.</param>
    /// <param name="table">The entries.</param>
    /// <param name="usual">What entries of this level usually look like, to be given for the next table again.</param>
    /// <param name="upcoming">What is fetched meanwhile.</param>
    /// <param name="bitmaps">The answers.</param>
    internal static void Classify<TUpcoming>(
        LevelRules rules, ReadOnlySpan<ulong> table, ref UsualEntries usual, ref TUpcoming upcoming, out TableBitmaps bitmaps)
        where TUpcoming : struct, IUpcoming
    {
        if (Vector512.IsHardwareAccelerated)
        {
            ClassifyBy<EntryLanes512, TUpcoming>(rules, table, ref usual, ref upcoming, out bitmaps);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            ClassifyBy<EntryLanes256, TUpcoming>(rules, table, ref usual, ref upcoming, out bitmaps);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            ClassifyBy<EntryLanes128, TUpcoming>(rules, table, ref usual, ref upcoming, out bitmaps);
        }
        else
        {
            ClassifyBy<EntryLanes64, TUpcoming>(rules, table, ref usual, ref upcoming, out bitmaps);
        }
    }

    /// <summary>The same with a width that the caller chooses; every width runs everywhere, at different speeds.</summary>
    internal static void ClassifyBy<TLanes>(LevelRules rules, ReadOnlySpan<ulong> table, out TableBitmaps bitmaps)
        where TLanes : struct, IEntryLanes<TLanes>
    {
        var upcoming = default(NothingUpcoming);
        var usual = default(UsualEntries);
        ClassifyBy<TLanes, NothingUpcoming>(rules, table, ref usual, ref upcoming, out bitmaps);
    }

    private static void ClassifyBy<TLanes, TUpcoming>(
        LevelRules rules, ReadOnlySpan<ulong> table, ref UsualEntries usual, ref TUpcoming upcoming, out TableBitmaps bitmaps)
        where TLanes : struct, IEntryLanes<TLanes>
        where TUpcoming : struct, IUpcoming
    {
        bitmaps = default;
        ref ulong entries = ref MemoryMarshal.GetReference(table);
        if (!table.IsEmpty && !usual.Matches(rules.Level, entries))
        {
            usual = new UsualEntries(rules, entries);
        }

        int words = table.Length / EntriesPerWord;
        int word = 0;
        while (true)
        {
            word = typeof(TLanes) == typeof(EntryLanes256) && PackedMarks.CanRead(usual.AccessedBit, usual.DirtyBit)
                ? JudgeUsual<EntryLanes256, PackedMarks, TUpcoming>(in usual, ref entries, word, words, ref bitmaps, ref upcoming)
                : JudgeUsual<TLanes, LaneMarks<TLanes>, TUpcoming>(in usual, ref entries, word, words, ref bitmaps, ref upcoming);
            if (word == words)
            {
                break;
            }

            ref ulong first = ref Unsafe.Add(ref entries, word * EntriesPerWord);
            var answers = default(Answers);
            for (int i = 0; i < EntriesPerWord; i += TLanes.Count)
            {
                Judge(rules, TLanes.Load(ref Unsafe.Add(ref first, i)), i, ref answers);
            }

            Put(in answers, word, ref bitmaps);
            usual = new UsualEntries(rules, Unsafe.Add(ref first, EntriesPerWord - 1));
            word++;
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

    /// <summary>Judges entries that all look like the usual one; only what the hardware marks may differ.</summary>
    /// <param name="usual">What they usually look like.</param>
    /// <param name="entries">The first entry of the table.</param>
    /// <param name="word">The first word of each bitmap whose entries are judged.</param>
    /// <param name="words">The word behind the last.</param>
    /// <param name="bitmaps">The answers.</param>
    /// <param name="upcoming">What is fetched meanwhile.</param>
    /// <returns>The word that has an entry which looks otherwise, or the one behind the last.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int JudgeUsual<TLanes, TMarks, TUpcoming>(
        in UsualEntries usual, ref ulong entries, int word, int words, ref TableBitmaps bitmaps, ref TUpcoming upcoming)
        where TLanes : struct, IEntryLanes<TLanes>
        where TMarks : struct, IEntryMarks<TMarks, TLanes>
        where TUpcoming : struct, IUpcoming
    {
        if (usual.Level == 0)
        {
            upcoming.Pass(in Unsafe.Add(ref entries, word * EntriesPerWord), EntriesPerWord);
            return word;
        }

        // A call of its own keeps all of this in registers.
        TLanes mask = TLanes.All(usual.Mask);
        TLanes bits = TLanes.All(usual.Bits);
        TMarks marks = TMarks.Of(usual.AccessedBit, usual.DirtyBit);
        for (; word < words; word++)
        {
            ref ulong first = ref Unsafe.Add(ref entries, word * EntriesPerWord);
            upcoming.Pass(in first, EntriesPerWord);
            TLanes difference = TLanes.All(0);
            ulong used = 0;
            ulong written = 0;
            for (int i = 0; i < EntriesPerWord; i += Unrolled * TLanes.Count)
            {
                ref ulong next = ref Unsafe.Add(ref first, i);
                TLanes entries0 = TLanes.Load(ref next);
                TLanes entries1 = TLanes.Load(ref Unsafe.Add(ref next, TLanes.Count));
                TLanes entries2 = TLanes.Load(ref Unsafe.Add(ref next, 2 * TLanes.Count));
                TLanes entries3 = TLanes.Load(ref Unsafe.Add(ref next, 3 * TLanes.Count));
                difference = TLanes.WithDifference(difference, entries0, bits);
                difference = TLanes.WithDifference(difference, entries1, bits);
                difference = TLanes.WithDifference(difference, entries2, bits);
                difference = TLanes.WithDifference(difference, entries3, bits);
                TMarks.Read(in marks, entries0, entries1, entries2, entries3, out ulong someUsed, out ulong someWritten);
                used |= someUsed << i;
                written |= someWritten << i;
            }

            if (!TLanes.IsZero(difference & mask))
            {
                return word;
            }

            bitmaps.Present[word] = usual.Present;
            bitmaps.Leaf[word] = usual.Leaf;
            bitmaps.Accessed[word] = used & usual.Accessed;
            bitmaps.Dirty[word] = written & usual.Dirty;
        }

        return word;
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
    internal readonly struct UsualEntries
    {
        public readonly ulong Mask;
        public readonly ulong Bits;

        /// <summary>All bits when they are present, no bit when they are not.</summary>
        public readonly ulong Present;

        /// <summary>All bits when they are leaves.</summary>
        public readonly ulong Leaf;

        /// <summary>All bits when the hardware marks them as used.</summary>
        public readonly ulong Accessed;

        /// <summary>All bits when the hardware marks them as written.</summary>
        public readonly ulong Dirty;

        /// <summary>The bit that it marks them with; 0 where it marks none.</summary>
        public readonly ulong AccessedBit;

        /// <summary>The same for written ones.</summary>
        public readonly ulong DirtyBit;

        /// <summary>Their level; 0 when nothing is known.</summary>
        public readonly int Level;

        /// <summary>Whether an entry of a level looks like it.</summary>
        public bool Matches(int level, ulong entry) => Level == level && (entry & Mask) == Bits;

        public UsualEntries(LevelRules rules, ulong entry)
        {
            EntryVerdict verdict = rules.Judge(entry);
            if ((entry & verdict.Reserved) != 0 || verdict.Kind == EntryKind.IllegalEncoding)
            {
                return;
            }

            Level = rules.Level;
            bool isLeaf = verdict.Kind == EntryKind.Leaf;
            bool isTable = verdict.Kind == EntryKind.Table;
            Mask = rules.DecidingBits(entry) | verdict.Reserved;
            Bits = entry & Mask;
            Present = isLeaf || isTable ? ulong.MaxValue : 0;
            Leaf = isLeaf ? ulong.MaxValue : 0;
            AccessedBit = isLeaf ? rules.LeafAccessed : isTable ? rules.TableAccessed : 0;
            DirtyBit = isLeaf ? rules.LeafDirty : 0;
            Accessed = AccessedBit == 0 ? 0 : ulong.MaxValue;
            Dirty = DirtyBit == 0 ? 0 : ulong.MaxValue;
        }
    }
}

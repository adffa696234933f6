using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TdpHw.Formats;

/// <summary>Judges all entries of a table at once.</summary>
public static class TableScan
{
    /// <summary>The largest number of entries that one scan takes.</summary>
    public const int MaxEntries = EntryBitmap.WordCount * 64;

    /// <summary>Says of each entry of a table what it is. Allocates nothing; each entry is read once.</summary>
    /// <param name="rules">The rules of the table's level.</param>
    /// <param name="table">The entries, at most <see cref="MaxEntries"/>; a larger root is scanned in parts.</param>
    /// <param name="bitmaps">The answers; bits beyond the table's end are 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The table has more than <see cref="MaxEntries"/> entries.</exception>
    public static void Classify(LevelRules rules, ReadOnlySpan<ulong> table, out TableBitmaps bitmaps)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(table.Length, MaxEntries, nameof(table));
        if (Vector512.IsHardwareAccelerated)
        {
            Classify<EntryLanes512>(rules, table, out bitmaps);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Classify<EntryLanes256>(rules, table, out bitmaps);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Classify<EntryLanes128>(rules, table, out bitmaps);
        }
        else
        {
            Classify<EntryLanes64>(rules, table, out bitmaps);
        }
    }

    /// <summary>The same with a width that the caller chooses; every width runs everywhere, at different speeds.</summary>
    internal static void Classify<TLanes>(LevelRules rules, ReadOnlySpan<ulong> table, out TableBitmaps bitmaps)
        where TLanes : struct, IEntryLanes<TLanes>
    {
        bitmaps = default;
        ref ulong first = ref MemoryMarshal.GetReference(table);
        int index = 0;
        for (; index <= table.Length - TLanes.Count; index += TLanes.Count)
        {
            Judge(rules, TLanes.Load(ref Unsafe.Add(ref first, index)), index, ref bitmaps);
        }

        for (; index < table.Length; index++)
        {
            Judge(rules, EntryLanes64.Load(ref Unsafe.Add(ref first, index)), index, ref bitmaps);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Judge<TLanes>(LevelRules rules, TLanes entries, int index, ref TableBitmaps bitmaps)
        where TLanes : struct, IEntryLanes<TLanes>
    {
        TLanes zero = TLanes.All(0);
        TLanes present = zero;
        for (int i = 0; i < rules.Present.Count; i++)
        {
            present |= Matches(entries, rules.Present[i]);
        }

        TLanes table = present;
        TLanes leaf = zero;
        TLanes refused = zero;
        foreach (LeafRule rule in rules.Leaf)
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
        foreach (IllegalRule rule in rules.Illegal)
        {
            TLanes judged = ((rule.AppliesTo & EntryLayout.Leaf) != 0 ? leaf : zero)
                | ((rule.AppliesTo & EntryLayout.Table) != 0 ? table : zero)
                | ((rule.AppliesTo & EntryLayout.RefusedLeaf) != 0 ? refused : zero);
            violation |= Matches(entries, rule.Test) & judged;
        }

        TLanes accessed = (leaf & TLanes.All(rules.LeafAccessed)) | ((table | refused) & TLanes.All(rules.TableAccessed));
        TLanes dirty = leaf & TLanes.All(rules.LeafDirty);
        Put(ref bitmaps.Present, index, present);
        Put(ref bitmaps.Leaf, index, leaf);
        Put(ref bitmaps.Violation, index, violation);
        Put(ref bitmaps.Accessed, index, ~TLanes.WhereEqual(entries & accessed, zero));
        Put(ref bitmaps.Dirty, index, ~TLanes.WhereEqual(entries & dirty, zero));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Matches<TLanes>(TLanes entries, EntryTest test)
        where TLanes : struct, IEntryLanes<TLanes>
    {
        TLanes equal = TLanes.WhereEqual(entries & TLanes.All(test.Mask), TLanes.All(test.Value));
        return test.Any == 0
            ? equal
            : equal & ~TLanes.WhereEqual((entries ^ TLanes.All(test.Flip)) & TLanes.All(test.Any), TLanes.All(0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes>(ref EntryBitmap bitmap, int index, TLanes lanes)
        where TLanes : struct, IEntryLanes<TLanes> =>
        bitmap[index / 64] |= TLanes.HighestBits(lanes) << (index % 64);
}

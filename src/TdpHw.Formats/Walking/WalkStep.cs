using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// One level of a walk: what an entry means to it. For walks that keep something at each level, as hardware with
/// paging-structure caches does; other walks are a call of <see cref="FormatWalk"/>.
/// </summary>
public static class WalkStep
{
    /// <summary>Judges an entry in the order of its format and goes down through it where it leads to a table.</summary>
    /// <typeparam name="TFormat">The format of the tables.</typeparam>
    /// <param name="rules">The rules of the entry's level.</param>
    /// <param name="entry">The entry, as it was read.</param>
    /// <param name="entryAddress">Where it lies.</param>
    /// <param name="address">The address to translate.</param>
    /// <param name="access">What the access needs.</param>
    /// <param name="rights">The rights along the path above; with this entry's when the walk goes down.</param>
    /// <param name="table">The next table, when the walk goes down.</param>
    /// <param name="next">The level of that table.</param>
    /// <param name="result">The walk's answer, when it does not.</param>
    /// <returns>Whether the walk goes down.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryDescend<TFormat>(
        LevelRules rules,
        ulong entry,
        HostPhysicalAddress entryAddress,
        InputAddress address,
        Access access,
        ref Rights rights,
        out HostPhysicalAddress table,
        out int next,
        out WalkResult result)
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        ArgumentNullException.ThrowIfNull(rules);
        table = default;
        next = 0;
        result = default;
        int level = rules.Level;
        EntryVerdict verdict = rules.Judge(entry);
        if (verdict.Kind == EntryKind.NotPresent)
        {
            result = WalkResult.Stopped(WalkOutcome.NotPresent, level, rights, entry, entryAddress.Value);
            return false;
        }

        Rights granted = rights & verdict.Rights;
        if (TFormat.CheckOrder == CheckOrder.PermissionFirst
            && (rules.Effective(granted) & access.Needed()) != access.Needed())
        {
            result = WalkResult.Stopped(WalkOutcome.PermissionDenied, level, granted, entry, entryAddress.Value);
            return false;
        }

        if ((entry & verdict.Reserved) != 0)
        {
            result = WalkResult.Stopped(WalkOutcome.ReservedBitSet, level, rights, entry, entryAddress.Value);
            return false;
        }

        next = rules.NextLevelOf(entry);

        // A definition whose entries can lead to no lower table has a rule that makes them illegal.
        if (verdict.Kind == EntryKind.IllegalEncoding || (verdict.Kind == EntryKind.Table && (next < 1 || next >= level)))
        {
            result = WalkResult.Stopped(WalkOutcome.IllegalEncoding, level, rights, entry, entryAddress.Value);
            return false;
        }

        if (verdict.Kind == EntryKind.Leaf)
        {
            int pageShift = rules.PageShiftOf(entry);
            ulong offset = address.Value & ((1ul << pageShift) - 1);
            result = WalkResult.Reached(
                level, rules.Effective(granted), access, entry, entryAddress.Value, rules.PageOf(entry) | offset, pageShift);
            return false;
        }

        // The entry leads to the addresses whose bits at the levels in between are zero, and no others.
        if (next != level - 1 && (address.Value & SkippedBits<TFormat>(rules, next)) != 0)
        {
            result = WalkResult.Stopped(WalkOutcome.NotPresent, level, rights, entry, entryAddress.Value);
            return false;
        }

        rights = granted;
        table = new HostPhysicalAddress(rules.TableOf(entry));
        return true;
    }

    private static ulong SkippedBits<TFormat>(LevelRules rules, int next)
        where TFormat : struct, IPageTableFormat<TFormat> =>
        (1ul << rules.Shift) - (1ul << (rules.Shift - ((rules.Level - 1 - next) * TFormat.IndexBits)));
}

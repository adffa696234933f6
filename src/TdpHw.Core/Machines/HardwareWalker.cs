using TdpHw.Formats;

namespace TdpHw.Core.Machines;

/// <summary>
/// A processor's or a unit's page walker with its paging-structure cache: it starts at the lowest table that the cache knows, and
/// remembers each table that it comes to. Its owner guards it.
/// </summary>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
/// <param name="machine">Whose memory it walks.</param>
/// <param name="name">Whose walker it is, for what it reports.</param>
/// <param name="place">What a stale hit of its cache counts as.</param>
internal sealed class HardwareWalker<TFormat>(Machine machine, string name, StalePlace place)
    where TFormat : struct, IPageTableFormat<TFormat>
{
    private readonly StructureCache _tables = new(machine.Interleaving);

    /// <summary>Walks.</summary>
    /// <param name="tag">Whose tables they are.</param>
    /// <param name="root">Where the tables start.</param>
    /// <param name="address">The address to translate.</param>
    /// <param name="access">What the access needs.</param>
    /// <param name="isStale">Whether the walk began in a table that the tables above no longer lead to.</param>
    public WalkResult Walk(ulong tag, Root<TFormat> root, InputAddress address, Access access, out bool isStale)
    {
        isStale = false;
        if (!root.Covers(address))
        {
            return WalkResult.TooWide;
        }

        HostPhysicalAddress table = root.Table;
        Rights rights = root.Rights;
        int level = root.Levels;
        for (int lower = 1; lower < root.Levels; lower++)
        {
            if (_tables.TryFind(tag, lower, address.Value >> root.Rules[lower + 1].Shift, out StructureCache.CachedTable cached))
            {
                (table, rights, level) = (cached.Table, cached.Rights, lower);
                break;
            }
        }

        isStale = level != root.Levels && machine.IsQuiet && TableAt(root, address, level) != table && machine.IsQuiet;
        if (isStale)
        {
            machine.CountStaleHit(place, name, address);
        }

        return Walk(tag, root, address, access, table, rights, level);
    }

    /// <summary>Forgets the tables that serve an address from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public void Drop(ulong tag, ulong first, ulong last, FormatRules<TFormat> rules) =>
        _tables.Drop(tag, first, last, level => rules[level + 1].Shift);

    /// <summary>Forgets the tables of a tag.</summary>
    public void Drop(ulong tag) => _tables.Drop(tag);

    /// <summary>Forgets all tables.</summary>
    public void Clear() => _tables.Clear();

    private WalkResult Walk(
        ulong tag,
        Root<TFormat> root,
        InputAddress address,
        Access access,
        HostPhysicalAddress table,
        Rights rights,
        int level)
    {
        while (true)
        {
            LevelRules rules = root.Rules[level];
            HostPhysicalAddress entryAddress = root.EntryAddress(table, address, level);
            if (!machine.Memory.TryRead(entryAddress, out ulong entry))
            {
                return WalkResult.Stopped(WalkOutcome.NotInMemory, level, rights, 0, entryAddress.Value);
            }

            if (!machine.Memory.IsTable(entryAddress))
            {
                machine.Counters.AddFreedTableRead();
                machine.Report(MachineEventKind.FreedTableRead, name, address.Value, detail: entryAddress.ToString());
            }

            if (!WalkStep.TryDescend<TFormat>(
                rules, entry, entryAddress, address, access, ref rights, out table, out int next, out WalkResult result))
            {
                return result;
            }

            level = next;
            _tables.Add(tag, level, address.Value >> root.Rules[level + 1].Shift, new StructureCache.CachedTable(table, rights));
        }
    }

    /// <summary>The table that a walk without a cache comes to at a level; null where it does not get there.</summary>
    private HostPhysicalAddress? TableAt(Root<TFormat> root, InputAddress address, int level)
    {
        HostPhysicalAddress table = root.Table;
        Rights rights = root.Rights;
        int above = root.Levels;
        while (above > level)
        {
            HostPhysicalAddress entryAddress = root.EntryAddress(table, address, above);
            if (!machine.Memory.TryRead(entryAddress, out ulong entry)
                || !WalkStep.TryDescend<TFormat>(
                    root.Rules[above], entry, entryAddress, address, Access.None, ref rights, out table, out above, out _))
            {
                return null;
            }
        }

        return above == level ? table : null;
    }
}

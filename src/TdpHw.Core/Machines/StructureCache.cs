using TdpHw.Formats;

namespace TdpHw.Core.Machines;

/// <summary>
/// A paging-structure cache that never forgets by itself: which table a walk of an address comes to at which level, and with
/// which rights. Its owner guards it. (Intel SDM vol. 3A, 4.10.3 "Paging-Structure Caches"; VT-d specification, 6.2.4.)
/// </summary>
/// <param name="interleaving">What decides the order of steps; null for the operating system.</param>
internal sealed class StructureCache(Interleaving? interleaving)
{
    private readonly Dictionary<(ulong Tag, int Level, ulong Prefix), CachedTable> _tables = [];

    /// <summary>A table that a walk came to.</summary>
    /// <param name="Table">Its address.</param>
    /// <param name="Rights">The rights along the path above it.</param>
    public readonly record struct CachedTable(HostPhysicalAddress Table, Rights Rights);

    /// <summary>How many tables there are.</summary>
    public int Count => _tables.Count;

    /// <summary>Finds the table whose entries at <paramref name="level"/> serve an address.</summary>
    /// <param name="tag">Whose tables.</param>
    /// <param name="level">The level of the table's entries.</param>
    /// <param name="prefix">The address without the bits that the table and those below it translate.</param>
    /// <param name="table">The table.</param>
    public bool TryFind(ulong tag, int level, ulong prefix, out CachedTable table)
    {
        interleaving?.Before(this, 0, writes: false);
        return _tables.TryGetValue((tag, level, prefix), out table);
    }

    /// <summary>Adds a table.</summary>
    public void Add(ulong tag, int level, ulong prefix, CachedTable table)
    {
        interleaving?.Before(this, 0, writes: true);
        _tables[(tag, level, prefix)] = table;
    }

    /// <summary>Drops every table of a tag that serves an address from <paramref name="first"/> to <paramref name="last"/>.</summary>
    /// <param name="tag">Whose tables.</param>
    /// <param name="first">The first address.</param>
    /// <param name="last">The last address.</param>
    /// <param name="shiftOf">How many low bits of an address the table at a level and those below it translate.</param>
    public void Drop(ulong tag, ulong first, ulong last, Func<int, int> shiftOf) => DropWhere(key =>
        key.Tag == tag && key.Prefix >= first >> shiftOf(key.Level) && key.Prefix <= last >> shiftOf(key.Level));

    /// <summary>Drops every table of a tag.</summary>
    public void Drop(ulong tag) => DropWhere(key => key.Tag == tag);

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        interleaving?.Before(this, 0, writes: true);
        _tables.Clear();
    }

    private void DropWhere(Predicate<(ulong Tag, int Level, ulong Prefix)> matches)
    {
        interleaving?.Before(this, 0, writes: true);
        foreach ((ulong, int, ulong) key in _tables.Keys.Where(k => matches(k)).ToArray())
        {
            _tables.Remove(key);
        }
    }
}

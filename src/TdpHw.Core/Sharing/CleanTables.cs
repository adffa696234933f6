using TdpHw.Formats;

namespace TdpHw.Core.Sharing;

/// <summary>How many leaves the lowest tables hold that were found to hold nothing else, and nothing that stands in the way of sharing.</summary>
/// <param name="lowest">The tables that can be such, in the order of memory and dense there.</param>
internal sealed class CleanTables(TablePlaces lowest)
{
    // Above all numbers of leaves that a table can hold.
    private const ushort Counted = 0x8000;

    private readonly ulong _first = lowest.Tables[0];
    private readonly ushort[] _leaves = new ushort[lowest.PlacesUpTo(lowest.Tables[^1])];

    /// <summary>Whether a table is known to be clean.</summary>
    /// <param name="table">The table.</param>
    /// <param name="leaves">How many leaves it holds; 0 when they were counted already.</param>
    public bool TryFind(ulong table, out int leaves)
    {
        ulong index = IndexOf(table);
        int known = index < (ulong)_leaves.Length ? _leaves[index] : 0;
        leaves = known >= Counted ? 0 : known;
        return known != 0;
    }

    /// <summary>Says that a clean table's leaves were counted: another way to it adds none.</summary>
    public void SetCounted(ulong table) => _leaves[IndexOf(table)] |= Counted;

    /// <summary>Says how many leaves a table holds; 0 for one that is not clean.</summary>
    public void Set(ulong table, int leaves)
    {
        if (IndexOf(table) is var index && index < (ulong)_leaves.Length)
        {
            _leaves[index] = (ushort)leaves;
        }
    }

    private ulong IndexOf(ulong table) => (table - _first) >> TablePlaces.PageShift;
}

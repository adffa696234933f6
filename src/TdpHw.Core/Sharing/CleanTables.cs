using TdpHw.Formats;

namespace TdpHw.Core.Sharing;

/// <summary>How many leaves the lowest tables hold that were found to hold nothing else, and nothing that stands in the way of sharing.</summary>
/// <param name="lowest">The tables that can be such, in the order of memory and dense there.</param>
internal sealed class CleanTables(TablePlaces lowest)
{
    private readonly ulong _first = lowest.Tables[0];
    private readonly ushort[] _leaves = new ushort[lowest.PlacesUpTo(lowest.Tables[^1])];

    /// <summary>How many leaves a table holds; 0 when it is not known to be clean.</summary>
    public int this[ulong table]
    {
        get => IndexOf(table) is var index && index < (ulong)_leaves.Length ? _leaves[index] : 0;
        set
        {
            if (IndexOf(table) is var index && index < (ulong)_leaves.Length)
            {
                _leaves[index] = (ushort)value;
            }
        }
    }

    private ulong IndexOf(ulong table) => (table - _first) >> TablePlaces.PageShift;
}

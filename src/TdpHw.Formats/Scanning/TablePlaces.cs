using System.Numerics;

namespace TdpHw.Formats;

/// <summary>
/// Where tables of one level lie, to be gone through in the order of memory, each once: tables that lie one behind the other are read
/// as fast as one long table, and those that are met in the order of addresses usually lie anywhere.
/// </summary>
internal sealed class TablePlaces
{
    private const int WordBits = 64;

    /// <summary>All tables but roots take a page.</summary>
    internal const int PageShift = 12;

    private ulong[] _tables = [];

    /// <summary>How many there are; until they are ordered one may be there several times.</summary>
    public int Count { get; private set; }

    /// <summary>The tables.</summary>
    public ReadOnlySpan<ulong> Tables => _tables.AsSpan(0, Count);

    /// <summary>
    /// Whether they are ordered and fill most of the memory from the first to the last: only then is their order faster than another.
    /// </summary>
    public bool AreDense => Count != 0 && PlacesUpTo(Tables[^1]) <= (ulong)Count * 4;

    /// <summary>How many tables there would be room for from the first to <paramref name="table"/>, that one included.</summary>
    public ulong PlacesUpTo(ulong table) => ((table - Tables[0]) >> PageShift) + 1;

    /// <summary>Takes a table in.</summary>
    public void Add(ulong table)
    {
        if (Count == _tables.Length)
        {
            Grow();
        }

        _tables[Count++] = table;
    }

    /// <summary>Puts them in the order of memory and each there once.</summary>
    public void Order()
    {
        if (Count < 2)
        {
            return;
        }

        ulong lowest = ulong.MaxValue;
        ulong highest = 0;
        ulong set = 0;
        foreach (ulong table in Tables)
        {
            lowest = Math.Min(lowest, table);
            highest = Math.Max(highest, table);
            set |= table;
        }

        ulong places = ((highest - lowest) >> PageShift) + 1;
        if (places <= (ulong)Count * WordBits && set % (1ul << PageShift) == 0)
        {
            OrderByBits(lowest, places);
        }
        else
        {
            Array.Sort(_tables, 0, Count);
            DropRepeated();
        }
    }

    /// <summary>A bit for each place: sorted by setting bits and reading them back, in a time that grows as the number of tables does.</summary>
    private void OrderByBits(ulong lowest, ulong places)
    {
        var bits = new ulong[(places + WordBits - 1) / WordBits];
        foreach (ulong table in Tables)
        {
            ulong place = (table - lowest) >> PageShift;
            bits[place / WordBits] |= 1ul << (int)(place % WordBits);
        }

        int count = 0;
        for (int word = 0; word < bits.Length; word++)
        {
            for (ulong rest = bits[word]; rest != 0; rest &= rest - 1)
            {
                ulong place = ((ulong)word * WordBits) + (ulong)BitOperations.TrailingZeroCount(rest);
                _tables[count++] = lowest + (place << PageShift);
            }
        }

        Count = count;
    }

    private void DropRepeated()
    {
        int kept = 1;
        for (int i = 1; i < Count; i++)
        {
            if (_tables[i] != _tables[i - 1])
            {
                _tables[kept++] = _tables[i];
            }
        }

        Count = kept;
    }

    /// <summary>Makes room. Repetitions go first, so that there is never room for much more than there are different tables.</summary>
    private void Grow()
    {
        Order();
        if (Count > _tables.Length / 2 || _tables.Length == 0)
        {
            Array.Resize(ref _tables, Math.Max(2 * _tables.Length, 1 << 9));
        }
    }
}

using System.Numerics;

namespace TdpHw.Memory;

/// <summary>
/// Finds a page by its number (address / 4096): open addressing with linear probing. Any number of threads may look up
/// while one adds; the caller keeps two from adding at once. Nothing is ever removed.
/// </summary>
internal sealed class PageIndex
{
    private Slot[] _slots = new Slot[64];

    public int Count { get; private set; }

    public bool TryFind(ulong number, out Page page)
    {
        Slot[] slots = Volatile.Read(ref _slots);
        ulong key = number + 1;
        for (int i = Home(key, slots);; i = (i + 1) & (slots.Length - 1))
        {
            ref Slot slot = ref slots[i];
            ulong found = Volatile.Read(ref slot.Key);
            if (found == key)
            {
                page = slot.Page;
                return true;
            }

            if (found == 0)
            {
                page = default;
                return false;
            }
        }
    }

    /// <summary>Adds a page whose number is not in the index yet.</summary>
    public void Add(ulong number, Page page)
    {
        if ((Count + 1) * 2 > _slots.Length)
        {
            Grow();
        }

        Place(_slots, number + 1, page);
        Count++;
    }

    private void Grow()
    {
        var larger = new Slot[checked(_slots.Length * 2)];
        foreach (Slot slot in _slots)
        {
            if (slot.Key != 0)
            {
                Place(larger, slot.Key, slot.Page);
            }
        }

        Volatile.Write(ref _slots, larger);
    }

    private static void Place(Slot[] slots, ulong key, Page page)
    {
        int i = Home(key, slots);
        while (slots[i].Key != 0)
        {
            i = (i + 1) & (slots.Length - 1);
        }

        // The key goes last: a reader that sees it sees the page too.
        slots[i].Page = page;
        Volatile.Write(ref slots[i].Key, key);
    }

    // Fibonacci hashing. The product's top bits depend on every bit of the key, so that pages far apart spread as well.
    private static int Home(ulong key, Slot[] slots) =>
        (int)((key * 0x9E3779B97F4A7C15) >> BitOperations.LeadingZeroCount((ulong)slots.Length - 1));

    private struct Slot
    {
        // The page's number plus 1, so that 0 means empty: page numbers have 52 bits.
        public ulong Key;
        public Page Page;
    }
}

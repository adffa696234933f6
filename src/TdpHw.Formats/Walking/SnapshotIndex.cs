using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TdpHw.Formats;

/// <summary>
/// Where the lowest tables of a snapshot are, and what the paths to them grant: for many translations through tables that do not
/// change. A batch that has it reads one entry for each address whose lowest table it knows; the others go down from the root.
/// <see cref="SnapshotIndexer"/> makes it.
/// </summary>
/// <remarks>
/// Of 4K pages in tables of 512 entries it takes 2 KiB for each gigabyte that has any, and 4 bytes for each gigabyte between the
/// first and the last of these. It does not know tables 256 GiB and more from the first one in host memory, nor what is mapped 2^20
/// gigabytes and more behind the first page, nor paths that grant nothing. As with the paging-structure caches of hardware, what
/// changes above the lowest tables after it was made may or may not be seen.
/// </remarks>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
public sealed class SnapshotIndex<TFormat>
    where TFormat : struct, IPageTableFormat<TFormat>
{
    private const int Lanes = 4;

    private readonly ulong _translated;
    private readonly int _regionShift;
    private readonly ulong _firstBlock;
    private readonly uint[] _blocks;
    private readonly uint[] _places;
    private readonly ulong _reach;

    /// <summary>Puts an index together.</summary>
    /// <param name="root">The root that the translations start at.</param>
    /// <param name="firstBlock">How many blocks that know nothing lie before the first.</param>
    /// <param name="blocks">Where among the places each block begins.</param>
    /// <param name="places">The places, in blocks of as many as a table has entries.</param>
    /// <param name="reach">Where places are counted from.</param>
    internal SnapshotIndex(Root<TFormat> root, ulong firstBlock, uint[] blocks, uint[] places, ulong reach)
    {
        Root = root;
        _translated = ulong.MaxValue >> (64 - root.InputBits);
        _regionShift = root.Rules[1].Shift + TFormat.IndexBits;
        _firstBlock = firstBlock;
        _blocks = blocks;
        _places = places;
        _reach = reach;
    }

    /// <summary>The root that the translations start at.</summary>
    public Root<TFormat> Root { get; }

    /// <summary>How many bytes it takes.</summary>
    public long ByteCount => ((long)_blocks.Length + _places.Length) * sizeof(uint);

    /// <summary>Has the walks whose lowest tables it knows read there next, and puts them before the others.</summary>
    /// <param name="walks">Walks for one address each, which the root covers.</param>
    /// <param name="access">What the accesses need.</param>
    /// <param name="sideBySide">Whether to take four at a time.</param>
    /// <returns>How many they are.</returns>
    internal int Enter(in PendingWalks walks, Access access, bool sideBySide)
    {
        FindPlaces(in walks);
        uint arriving = Arriving(access);
        int known = 0;
        for (int i = 0; i < walks.Count;)
        {
            if (sideBySide && known == i)
            {
                EnterSideBySide(in walks, arriving, ref i);
                known = i;
            }

            for (int end = Math.Min(i + Lanes, walks.Count); i < end; i++)
            {
                ulong place = Unsafe.Add(ref walks.Entries, i);
                Rights rights = TablePlace<TFormat>.RightsAt(place);
                if ((arriving >> (int)rights & 1) != 0)
                {
                    walks.Swap(i, known);
                    HostPhysicalAddress table = new(TablePlace<TFormat>.TableAt(place, _reach));
                    InputAddress address = new(Unsafe.Add(ref walks.Addresses, known));
                    Unsafe.Add(ref walks.EntryAddresses, known) = Root.EntryAddress(table, address, 1).Value;
                    Unsafe.Add(ref walks.Rights, known) = rights;
                    known++;
                }
            }
        }

        return known;
    }

    /// <summary>Has walks read in their lowest tables next as long as the paths to four at a time grant the same.</summary>
    private void EnterSideBySide(in PendingWalks walks, uint arriving, ref int from)
    {
        Rights rights = TablePlace<TFormat>.RightsAt(Unsafe.Add(ref walks.Entries, from));
        if ((arriving >> (int)rights & 1) == 0)
        {
            return;
        }

        Vector256<ulong> same = Vector256.Create((ulong)rights);
        Vector256<ulong> reach = Vector256.Create(_reach);
        Vector256<ulong> indexMask = Vector256.Create(Root.IndexMask(1));
        int shift = Root.Rules[1].Shift;
        uint four = PendingWalks.Four(rights);
        int i = from;
        for (int count = walks.Count; i + Lanes <= count; i += Lanes)
        {
            Vector256<ulong> places = Vector256.LoadUnsafe(ref walks.Entries, (nuint)i);
            if (!TablePlace<TFormat>.AllGrant(places, same))
            {
                break;
            }

            Vector256<ulong> indices = Vector256.LoadUnsafe(ref walks.Addresses, (nuint)i) >> shift & indexMask;
            (TablePlace<TFormat>.TablesAt(places, reach) + (indices << 3)).StoreUnsafe(ref walks.EntryAddresses, (nuint)i);
            walks.RightsOfFour(i) = four;
        }

        from = i;
    }

    /// <summary>Writes where the lowest tables of walks are into the column of their entries.</summary>
    private void FindPlaces(in PendingWalks walks)
    {
        // In locals and without checks of what holds by itself, so that many are on their way from memory at once.
        ref ulong addresses = ref walks.Addresses;
        ref ulong found = ref walks.Entries;
        ref uint blocks = ref MemoryMarshal.GetArrayDataReference(_blocks);
        ref uint places = ref MemoryMarshal.GetArrayDataReference(_places);
        ulong blockCount = (ulong)_blocks.Length;
        ulong firstBlock = _firstBlock;
        ulong translated = _translated;
        int shift = _regionShift;
        int count = walks.Count;
        for (int i = 0; i < count; i++)
        {
            ulong region = (Unsafe.Add(ref addresses, i) & translated) >> shift;
            ulong block = (region >> TFormat.IndexBits) - firstBlock;
            ulong inBlock = region & ((1ul << TFormat.IndexBits) - 1);
            Unsafe.Add(ref found, i) = block < blockCount
                ? Unsafe.Add(ref places, (nint)(Unsafe.Add(ref blocks, (nint)block) + inBlock))
                : 0;
        }
    }

    /// <summary>
    /// With which rights along its path a walk comes to its lowest table at all, a bit for each combination of them; never with none.
    /// </summary>
    private uint Arriving(Access access)
    {
        uint arriving = 0;
        for (Rights rights = Rights.None + 1; rights <= Rights.All; rights++)
        {
            // Rights only get fewer on the way down: what the whole path grants, each part of it does.
            bool arrives = TFormat.CheckOrder != CheckOrder.PermissionFirst
                || (Root.Rules[1].Effective(rights) & access.Needed()) == access.Needed();
            arriving |= arrives ? 1u << (int)rights : 0;
        }

        return arriving;
    }
}

using System.Runtime.InteropServices;

namespace TdpHw.Formats;

/// <summary>Makes indexes of snapshots.</summary>
public static class SnapshotIndexer
{
    // Tables that lead to each other in every entry have more ways through them than anyone can go. Each of these is a petabyte of 4K
    // pages.
    private const int MaxBlocks = 1 << 20;
    private const int MaxUpperTables = 1 << 11;

    /// <summary>
    /// Goes through all tables above the lowest ones once, in the order of addresses, and keeps where the lowest ones are.
    /// </summary>
    /// <remarks>
    /// Whatever the tables hold, it goes through each table once for each combination of rights that leads to it, and through few
    /// thousands of the upper ones. What it does not come to is left out, and walked.
    /// </remarks>
    /// <typeparam name="TFormat">The format of the tables.</typeparam>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where the walks start.</param>
    public static SnapshotIndex<TFormat> Index<TFormat, TMemory>(in TMemory memory, Root<TFormat> root)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        ArgumentNullException.ThrowIfNull(root);
        return new Pass<TFormat, TMemory>(memory, root).Index();
    }

    private sealed class Pass<TFormat, TMemory>(TMemory memory, Root<TFormat> root)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        private readonly Dictionary<(ulong Table, Rights Above), uint> _known = [];
        private readonly List<uint> _blocks = [];

        // The first block knows nothing, and stands for all that know nothing.
        private readonly List<uint> _places = [.. new uint[BlockSize]];
        private readonly uint[] _block = new uint[BlockSize];
        private ulong _firstBlock;
        private ulong? _reach;
        private int _upperTables;

        private static int BlockSize => 1 << TFormat.IndexBits;

        public SnapshotIndex<TFormat> Index()
        {
            if (root.Levels > 1)
            {
                Visit(root.Levels, root.Table, root.Rights, 0);
            }

            return new SnapshotIndex<TFormat>(root, _firstBlock, [.. _blocks], [.. _places], _reach ?? 0);
        }

        /// <summary>Adds what a table leads to.</summary>
        /// <param name="level">Its level.</param>
        /// <param name="table">Where it is.</param>
        /// <param name="above">What the path to it grants.</param>
        /// <param name="before">How many tables of its level could lie before it in the order of addresses.</param>
        private void Visit(int level, HostPhysicalAddress table, Rights above, ulong before)
        {
            int count = (int)root.IndexMask(level) + 1;
            if (level == 2)
            {
                // A root may be as large as several tables, or smaller than one.
                for (int start = 0; start < count; start += BlockSize)
                {
                    uint block = BlockOf(EntryAt(table, start), Math.Min(count - start, BlockSize), above);
                    AddBlock(before + (ulong)(start / BlockSize), block);
                }
            }
            else if (_upperTables++ < MaxUpperTables)
            {
                for (int i = 0; i < count; i++)
                {
                    if (TryDescend(level, EntryAt(table, i), above, out HostPhysicalAddress below, out Rights rights))
                    {
                        Visit(level - 1, below, rights, (before * (ulong)count) + (ulong)i);
                    }
                }
            }
        }

        /// <summary>The block of places that a table of the second-lowest level, or a part of one, gives.</summary>
        /// <returns>Where it begins among the places.</returns>
        private uint BlockOf(HostPhysicalAddress table, int count, Rights above)
        {
            // A pointer to where nothing is costs one read, however many there are.
            if (!memory.TryReadEntry(table, out _))
            {
                return 0;
            }

            ref uint known = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, (table.Value, above), out bool isKnown);
            if (isKnown)
            {
                return known;
            }

            Array.Clear(_block);
            for (int i = 0; i < count; i++)
            {
                if (TryDescend(2, EntryAt(table, i), above, out HostPhysicalAddress below, out Rights rights))
                {
                    _reach ??= TablePlace<TFormat>.ReachAround(below);
                    _block[i] = TablePlace<TFormat>.Of(below, _reach.Value, rights);
                }
            }

            if (_block.AsSpan().ContainsAnyExcept(0u))
            {
                known = (uint)_places.Count;
                _places.AddRange(_block);
            }

            return known;
        }

        private void AddBlock(ulong number, uint start)
        {
            if (start == 0)
            {
                return;
            }

            _firstBlock = _blocks.Count == 0 ? number : _firstBlock;
            ulong at = number - _firstBlock;
            if (at < MaxBlocks)
            {
                _blocks.AddRange(new uint[(int)at - _blocks.Count]);
                _blocks.Add(start);
            }
        }

        private bool TryDescend(
            int level, HostPhysicalAddress entryAddress, Rights above, out HostPhysicalAddress below, out Rights rights)
        {
            below = default;
            rights = above;
            return memory.TryReadEntry(entryAddress, out ulong entry)
                && WalkStep.TryDescend<TFormat>(
                    root.Rules[level], entry, entryAddress, default, Access.None, ref rights, out below, out int next, out _)
                && next == level - 1;
        }

        private static HostPhysicalAddress EntryAt(HostPhysicalAddress table, int index) =>
            new(table.Value + ((ulong)index * sizeof(ulong)));
    }
}

using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// Counts what lies below a root. Each table is scanned once for each level it stands at, however many ways lead to it, so
/// the time is bounded by the image.
/// </summary>
/// <remarks>
/// Where a cycle leads back above a table that several ways share, the counts of the first way to the table stand for all.
/// </remarks>
public static class TreeCounter
{
    /// <summary>Counts.</summary>
    /// <typeparam name="TFormat">The format of the tables.</typeparam>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where to start.</param>
    /// <param name="emptyValues">The values of an entry that holds nothing; 0 alone when not given.</param>
    /// <param name="cancellation">Ends the count early.</param>
    /// <exception cref="OperationCanceledException">The count was ended early.</exception>
    public static TreeCounts Count<TFormat, TMemory>(
        in TMemory memory,
        Root<TFormat> root,
        ImmutableArray<ulong> emptyValues = default,
        CancellationToken cancellation = default)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        ArgumentNullException.ThrowIfNull(root);
        var pass = new Pass<TFormat, TMemory>(memory, root, emptyValues.IsDefault ? [0] : emptyValues, cancellation);
        Subtree all = pass.Count(root.Table.Value, root.Levels);
        return new TreeCounts(
            [.. Enumerable.Range(0, root.Levels).Select(i => all.Levels[i])], pass.TablePages, all.NotInMemory, all.Cycles);
    }

    private sealed class Pass<TFormat, TMemory>(
        TMemory memory, Root<TFormat> root, ImmutableArray<ulong> emptyValues, CancellationToken cancellation)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        private readonly Dictionary<(ulong Table, int Level), Subtree> _known = [];
        private readonly Stack<ulong> _path = new();

        public int TablePages => _known.Values.Count(s => !s.IsMissing);

        public Subtree Count(ulong table, int level)
        {
            // First, because a table on its own path may be known from a way that met it at this level without a cycle.
            if (_path.Contains(table))
            {
                return new Subtree { Cycles = 1 };
            }

            if (_known.TryGetValue((table, level), out Subtree known))
            {
                return known;
            }

            cancellation.ThrowIfCancellationRequested();
            var counted = default(Subtree);
            int entryCount = level == root.Levels ? root.EntryCount : 1 << TFormat.IndexBits;
            if (memory.TryGetTable(new(table), entryCount, out ReadOnlySpan<ulong> entries))
            {
                _path.Push(table);
                for (int start = 0; start < entries.Length; start += TableScan.MaxEntries)
                {
                    Add(entries.Slice(start, Math.Min(TableScan.MaxEntries, entries.Length - start)), level, ref counted);
                }

                _path.Pop();
            }
            else
            {
                counted.NotInMemory = 1;
                counted.IsMissing = true;
            }

            _known[(table, level)] = counted;
            return counted;
        }

        private void Add(ReadOnlySpan<ulong> entries, int level, ref Subtree sum)
        {
            LevelRules rules = root.Rules[level];
            TableScan.Classify(rules, entries, out TableBitmaps bitmaps);
            ulong tables = 0, leaves = 0, malformed = 0, notPresent = 0, accessed = 0, dirty = 0;
            for (int word = 0; word < EntryBitmap.WordCount; word++)
            {
                ulong good = bitmaps.Present[word] & ~bitmaps.Violation[word];
                ulong goodLeaves = good & bitmaps.Leaf[word];
                tables += (ulong)ulong.PopCount(good & ~bitmaps.Leaf[word]);
                leaves += (ulong)ulong.PopCount(goodLeaves);
                malformed += (ulong)ulong.PopCount(bitmaps.Violation[word]);
                accessed += (ulong)ulong.PopCount(goodLeaves & bitmaps.Accessed[word]);
                dirty += (ulong)ulong.PopCount(goodLeaves & bitmaps.Dirty[word]);
            }

            for (int i = 0; i < entries.Length; i++)
            {
                ulong bit = 1ul << (i % 64);
                if ((bitmaps.Present[i / 64] & bit) == 0)
                {
                    ulong entry = Volatile.Read(in entries[i]);
                    notPresent += entry == 0 || emptyValues.Contains(entry) ? 0u : 1u;
                }
                else if (level > 1 && (bitmaps.Leaf[i / 64] & bit) == 0 && (bitmaps.Violation[i / 64] & bit) == 0

                    // Judged again: a live entry that was a table may be none now.
                    && rules.TryPoint(Volatile.Read(in entries[i]), out ulong table, out int next))
                {
                    sum.Add(Count(table, next));
                }
            }

            sum.Levels[level - 1] += new LevelCounts(tables, leaves, malformed, notPresent, accessed, dirty);
        }
    }

    private struct Subtree
    {
        public Counts Levels;
        public ulong NotInMemory;
        public ulong Cycles;
        public bool IsMissing;

        public void Add(in Subtree other)
        {
            for (int i = 0; i < FormatLimits.MaxLevels; i++)
            {
                Levels[i] += other.Levels[i];
            }

            NotInMemory += other.NotInMemory;
            Cycles += other.Cycles;
        }
    }

    [InlineArray(FormatLimits.MaxLevels)]
    private struct Counts
    {
        private LevelCounts _first;
    }
}

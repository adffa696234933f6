using System.Collections.Immutable;
using System.Numerics;
using TdpHw.Formats;

namespace TdpHw.Core.Sharing;

/// <summary>Judges the exporter's entries one by one with the importer's rules, and keeps count.</summary>
/// <typeparam name="TExporter">The format that the tables are written in.</typeparam>
/// <typeparam name="TImporter">The format that they would be read in.</typeparam>
internal sealed class ShareScan<TExporter, TImporter>
    where TExporter : struct, IPageTableFormat<TExporter>
    where TImporter : struct, IPageTableFormat<TImporter>
{
    // Fewer stay in a cache whatever the order.
    private const int MinTablesToLookThrough = 64;

    private readonly FormatRules<TExporter> _exporter;
    private readonly FormatRules<TImporter> _importer;
    private readonly OverlayVariant? _variant;
    private readonly ShareCures<TExporter, TImporter> _cures;
    private readonly ShareOptions _options;
    private readonly ulong _blockedMask;
    private readonly ulong _blockedValue;
    private readonly bool _canJudgeAlike;
    private readonly Dictionary<ShareFinding, (long Count, long Reachable)> _counts = [];
    private readonly List<ShareOffender> _offenders = [];
    private long _offenderCount;
    private long _entryCount;
    private long _notInMemory;
    private long _cycles;
    private bool _isCut;

    public ShareScan(
        FormatRules<TExporter> exporter,
        OverlayDescription? overlay,
        OverlayVariant? variant,
        FormatRules<TImporter> importer,
        ShareOptions options)
    {
        _exporter = exporter;
        _importer = importer;
        _variant = variant;
        _options = options;
        _cures = new ShareCures<TExporter, TImporter>(exporter, overlay, variant, importer);
        _canJudgeAlike = TryDescribeBlocked(importer[1], out _blockedMask, out _blockedValue)
            && exporter[1].Shift == importer[1].Shift
            && TExporter.AddressShift == TImporter.AddressShift;
    }

    /// <summary>Judges every entry below <paramref name="root"/>.</summary>
    public void Judge<TMemory>(in TMemory memory, Root<TExporter> root, CancellationToken cancellation)
        where TMemory : struct, IPhysicalMemory
    {
        bool canWalk = ShareProof.HasWalk(_importer, root.Levels);
        if (!canWalk)
        {
            Count(new ShareFinding(ShareCode.WalkDepth, null, root.Levels, EntryLayout.Table), isReachable: false);
        }

        bool isRootWide = _importer.OutputBits < 64 && root.Table.Value >> _importer.OutputBits != 0;
        if (isRootWide)
        {
            int bit = BitOperations.Log2(root.Table.Value);
            Count(new ShareFinding(ShareCode.AddressWidth, bit, root.Levels, EntryLayout.Table), isReachable: false);
        }

        // What the importer grants down to each level; none where its walk does not get.
        Span<Rights> reached = stackalloc Rights[_exporter.MaxLevel + 1];
        reached[root.Levels] = canWalk && !isRootWide ? Rights.All : Rights.None;
        var cursor = new TableCursor<TExporter, TMemory>(in memory, root);
        if (!cursor.IsRootInMemory)
        {
            _notInMemory++;
            return;
        }

        // Judged once with the same rights above it, however many entries lead to it: what lies below is as large as the image.
        var judgedTables = new HashSet<(HostPhysicalAddress Table, int Level, Rights Reached, Rights Path)>();
        CleanTables? clean = FindClean(in memory, root, cancellation);
        while (cursor.MoveNext())
        {
            CursorEntry entry = cursor.Current;
            if (_entryCount == _options.MaxEntries)
            {
                _isCut = true;
                return;
            }

            if ((++_entryCount & 0xffff) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            _notInMemory += entry.Reach == TableReach.NotInMemory ? 1 : 0;
            _cycles += entry.Reach == TableReach.Cycle ? 1 : 0;
            bool isFine = JudgeEntry(root, entry, reached);
            if (clean is not null && isFine && TryPassClean(clean, ref cursor, in entry))
            {
                continue;
            }

            int below = _exporter[entry.Level].NextLevelOf(entry.Entry);
            if (entry.Reach == TableReach.Readable
                && !judgedTables.Add((entry.Output, below, reached[below], entry.Rights)))
            {
                cursor.Pass(0, found: 1);
                continue;
            }

            if (_canJudgeAlike && cursor.TryTakeLowest(out TablePart table))
            {
                cancellation.ThrowIfCancellationRequested();
                int passed = JudgeTable(root, in table, ref cursor.Upcoming, reached, out int judged);
                cursor.GiveBack(in table, passed, judged);
            }
            else if (_canJudgeAlike && entry.Level == 1 && entry.Kind == EntryKind.Leaf && cursor.TryTakeRest(out TablePart rest))
            {
                int passed = JudgeTable(root, in rest, ref cursor.Upcoming, reached, out int judged);
                cursor.GiveBackRest(passed, judged);
            }
        }
    }

    /// <summary>
    /// Looks through all lowest tables in the order of memory, which is the fastest, for those that hold leaves without finding and
    /// nothing else: they only have to be counted.
    /// </summary>
    /// <returns>Null where the tables are too few or too far apart, or their leaves can't be judged side by side.</returns>
    private CleanTables? FindClean<TMemory>(in TMemory memory, Root<TExporter> root, CancellationToken cancellation)
        where TMemory : struct, IPhysicalMemory
    {
        LevelRules rules = _exporter[1];
        if (!_canJudgeAlike || rules.KindOf(0) == EntryKind.Leaf)
        {
            return null;
        }

        var sweep = new TableSweep<TExporter, TMemory>(in memory, root);
        TablePlaces lowest = sweep.FindLowest();
        if (lowest.Count < MinTablesToLookThrough || !lowest.AreDense)
        {
            return null;
        }

        var clean = new CleanTables(lowest);
        EntryPattern usual = new(0, 1, 0);
        var upcoming = default(UpcomingLines);
        ReadOnlySpan<ulong> tables = lowest.Tables;
        for (int i = 0; i < tables.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            ulong table = tables[i];
            if (memory.TryGetTable(new(table), 1 << TExporter.IndexBits, out ReadOnlySpan<ulong> entries))
            {
                upcoming.GoTo(entries, table, i + 1 < tables.Length ? tables[i + 1] : table);
                clean.Set(table, CountClean(entries, ref usual, ref upcoming));
            }
        }

        // A table that stands at an upper level too can lie on its own path.
        for (int level = 2; level <= root.Levels; level++)
        {
            foreach (ulong table in sweep.TablesAt(level))
            {
                clean.Set(table, 0);
            }
        }

        return clean;
    }

    /// <summary>How many leaves without finding there are; 0 when there is anything else that holds something.</summary>
    private int CountClean(ReadOnlySpan<ulong> entries, ref EntryPattern usual, ref UpcomingLines upcoming)
    {
        int count = 0;
        int index = 0;
        while (index < entries.Length)
        {
            int alike = EntryRun.Count(entries[index..], in usual, ref upcoming);
            count += alike;
            index += alike;
            if (index == entries.Length)
            {
                break;
            }

            ulong entry = Volatile.Read(in entries[index]);
            if (entry == 0)
            {
                int zeros = entries[index..].IndexOfAnyExcept(0ul);
                index = zeros < 0 ? entries.Length : index + Math.Max(zeros, 1);
            }
            else if (IsClean(entry))
            {
                usual = LooksLike(entry);
                count++;
                index++;
            }
            else
            {
                return 0;
            }
        }

        return count;
    }

    /// <summary>Whether an entry of the lowest level is a leaf without finding, in one slot.</summary>
    private bool IsClean(ulong entry)
    {
        LevelRules importer = _importer[1];
        var leaf = new CursorEntry(
            default, 1, EntryKind.Leaf, TableReach.NoTable, Rights.None, entry, default, default, _exporter[1].Shift);
        return _exporter[1].KindOf(entry) == EntryKind.Leaf
            && !IsSizeCoded(entry)
            && FindFaults(in leaf, importer, importer.KindOf(entry)).IsEmpty;
    }

    /// <summary>
    /// Counts the entries of a clean table below an entry without finding, and those of further ones below entries that look the same.
    /// </summary>
    private bool TryPassClean<TMemory>(CleanTables clean, ref TableCursor<TExporter, TMemory> cursor, in CursorEntry entry)
        where TMemory : struct, IPhysicalMemory
    {
        if (entry.Reach != TableReach.Readable || entry.Level > _importer.MaxLevel)
        {
            return false;
        }

        LevelRules rules = _exporter[entry.Level];
        if (!clean.TryFind(entry.Output.Value, out int leaves) || rules.NextLevelOf(entry.Entry) != 1 || _entryCount > _options.MaxEntries - leaves)
        {
            return false;
        }

        ulong mask = TableMaskOf(rules, _importer[entry.Level], entry.Entry);
        ulong usual = entry.Entry & mask;
        long found = leaves;
        int passed = 0;
        clean.SetCounted(entry.Output.Value);
        ReadOnlySpan<ulong> rest = cursor.Rest;
        while (passed < rest.Length)
        {
            ulong next = Volatile.Read(in rest[passed]);
            ulong table = rules.TableOf(next);
            if ((next & mask) != usual || !clean.TryFind(table, out leaves) || _entryCount + passed + found > _options.MaxEntries - leaves - 1)
            {
                break;
            }

            found += leaves;
            passed++;
            clean.SetCounted(table);
        }

        _entryCount += passed + found;
        cursor.Pass(passed, found);
        return true;
    }

    /// <summary>
    /// Judges the entries of a lowest table up to a page that may stand in several slots; those that look like a leaf without finding
    /// have none either.
    /// </summary>
    /// <param name="root">The root above.</param>
    /// <param name="table">The entries.</param>
    /// <param name="upcoming">What is fetched meanwhile.</param>
    /// <param name="reached">What the importer grants down to each level.</param>
    /// <param name="judged">How many of the entries hold something.</param>
    /// <returns>How many entries were passed.</returns>
    private int JudgeTable(
        Root<TExporter> root, in TablePart table, ref UpcomingTables upcoming, Span<Rights> reached, out int judged)
    {
        LevelRules rules = _exporter[1];
        judged = 0;
        int index = 0;
        while (index < table.Entries.Length)
        {
            ulong raw = Volatile.Read(in table.Entries[index]);
            if (raw == 0)
            {
                int zeros = table.Entries[index..].IndexOfAnyExcept(0ul);
                index = zeros < 0 ? table.Entries.Length : index + Math.Max(zeros, 1);
                continue;
            }

            if (_entryCount == _options.MaxEntries)
            {
                _isCut = true;
                break;
            }

            EntryKind kind = rules.KindOf(raw);
            bool isLeaf = kind == EntryKind.Leaf;
            if (isLeaf && rules.IsSizeCoded(raw))
            {
                break;
            }

            var entry = new CursorEntry(
                new(table.Address + ((ulong)index << rules.Shift)),
                1,
                kind,
                TableReach.NoTable,
                isLeaf ? rules.Effective(table.Rights & rules.RightsOf(raw)) : Rights.None,
                raw,
                new(table.Place + ((ulong)index * sizeof(ulong))),
                new(isLeaf ? rules.PageOf(raw) : 0),
                rules.Shift);
            int count = 1;
            if (JudgeEntry(root, entry, reached) && isLeaf && !IsSizeCoded(raw))
            {
                EntryPattern pattern = LooksLike(raw);
                int limit = (int)Math.Min(_options.MaxEntries - _entryCount, int.MaxValue);
                count = Math.Max(1, table.CountAlike(index, limit, in pattern, ref upcoming));
            }

            _entryCount += count;
            judged += count;
            index += count;
        }

        return index;
    }

    /// <summary>Judges one entry.</summary>
    /// <returns>Whether nothing stands in its way.</returns>
    private bool JudgeEntry(Root<TExporter> root, CursorEntry entry, Span<Rights> reached)
    {
        if (entry.Level > _importer.MaxLevel)
        {
            return true;
        }

        LevelRules importer = _importer[entry.Level];
        EntryKind seen = importer.KindOf(entry.Entry);
        Rights granted = seen is EntryKind.Leaf or EntryKind.Table
            ? reached[entry.Level] & importer.RightsOf(entry.Entry)
            : Rights.None;
        if (entry.Kind == EntryKind.Table)
        {
            int next = _exporter[entry.Level].NextLevelOf(entry.Entry);
            bool isSame = seen == EntryKind.Table && importer.NextLevelOf(entry.Entry) == next;
            reached[next] = isSame ? granted : Rights.None;
        }

        ImmutableArray<ShareFinding> findings = entry.Kind is EntryKind.Leaf or EntryKind.Table
            ? FindFaults(entry, importer, seen)
            : FindMappings(entry, importer, seen);
        if (findings.Length == 0)
        {
            return true;
        }

        // A walk gets to an entry when every entry above grants some right; what it finds there is the finding.
        bool isWindow = TImporter.Description.Windows.Any(
            w => w.IsInputBypassed && w.ContainsAll(entry.Address.Value, entry.Size));
        Rights above = importer.Effective(reached[entry.Level]) & (Rights.Read | Rights.Write | Rights.Execute);
        bool isReachable = !isWindow && above != 0
            && (seen is not (EntryKind.Leaf or EntryKind.Table) || (importer.Effective(granted) & above) != 0);
        _offenderCount++;
        foreach (ShareFinding finding in findings)
        {
            Count(finding, isReachable);
        }

        if (_offenders.Count < _options.MaxOffenders)
        {
            _offenders.Add(new ShareOffender(root.Table, entry.Address, entry.Level, entry.Entry, findings, isReachable));
        }

        return false;
    }

    /// <summary>Whether either side takes the size of a leaf at the lowest level from its address.</summary>
    private bool IsSizeCoded(ulong leaf) => _exporter[1].IsSizeCoded(leaf) || _importer[1].IsSizeCoded(leaf);

    /// <summary>
    /// What the leaves at the lowest level look like that have no finding as this one has none. Only the bits count that decide it:
    /// what either side judges a leaf by, and what only one takes for a part of the address.
    /// </summary>
    private EntryPattern LooksLike(ulong leaf)
    {
        LevelRules exporter = _exporter[1];
        LevelRules importer = _importer[1];
        ulong mask = exporter.DecidingBits(leaf)
            | importer.DecidingBits(leaf)
            | ReservedIn(exporter, leaf)
            | ReservedIn(importer, leaf)
            | (exporter.LeafAddress ^ importer.LeafAddress)
            | exporter.HighAddress
            | importer.HighAddress;
        return new EntryPattern(mask, leaf & mask, 0, _blockedMask, _blockedValue);
    }

    /// <summary>The bits that are reserved in entries with the layout of <paramref name="entry"/>, which the deciding bits tell.</summary>
    private static ulong ReservedIn(LevelRules rules, ulong entry) => rules.ReservedIn(rules.LayoutOf(entry));

    /// <summary>The bits that decide the same of a table entry without finding, and which level it leads to.</summary>
    private static ulong TableMaskOf(LevelRules exporter, LevelRules importer, ulong entry) =>
        exporter.DecidingBits(entry)
        | importer.DecidingBits(entry)
        | ReservedIn(exporter, entry)
        | ReservedIn(importer, entry)
        | (exporter.TableAddress ^ importer.TableAddress)
        | exporter.HighAddress
        | importer.HighAddress;

    /// <summary>Which leaves lead into a window where the importer refuses them, as a compare of bits.</summary>
    /// <returns>Whether that can be said so: there is one such window at most, as large as where it starts lets it be.</returns>
    private static bool TryDescribeBlocked(LevelRules importer, out ulong mask, out ulong value)
    {
        (mask, value) = (0, 1);
        AddressWindow[] blocked = [.. TImporter.Description.Windows.Where(w => w.IsOutputBlocked)];
        if (blocked.Length == 0)
        {
            return true;
        }

        ulong size = blocked[0].Last - blocked[0].First + 1;
        mask = importer.LeafAddress & ~((size - 1) >> TImporter.AddressShift);
        value = blocked[0].First >> TImporter.AddressShift;
        return blocked.Length == 1
            && BitOperations.IsPow2(size)
            && size >= importer.PageSize
            && (value & ~mask) == 0;
    }

    private ImmutableArray<ShareFinding> FindFaults(in CursorEntry entry, LevelRules importer, EntryKind seen)
    {
        EntryLayout kind = entry.Kind == EntryKind.Leaf ? EntryLayout.Leaf : EntryLayout.Table;
        switch (seen)
        {
            case EntryKind.NotPresent:
                return [new ShareFinding(ShareCode.NotPresent, null, entry.Level, kind)];
            case EntryKind.IllegalEncoding:
                return [new ShareFinding(ShareCode.IllegalEncoding, null, entry.Level, kind)];
            case EntryKind.ReservedBitSet:
                var findings = ImmutableArray.CreateBuilder<ShareFinding>();
                LevelRules exporter = _exporter[entry.Level];
                ulong bits = entry.Entry & importer.ReservedIn(importer.LayoutOf(entry.Entry));
                for (; bits != 0; bits &= bits - 1)
                {
                    int bit = BitOperations.TrailingZeroCount(bits);
                    findings.Add(new ShareFinding(ShareProof.CodeOf(exporter, importer, kind, bit), bit, entry.Level, kind));
                }

                return findings.ToImmutable();
            case EntryKind.Leaf when IsBlocked(entry, importer):
                return [new ShareFinding(ShareCode.BlockedOutput, null, entry.Level, kind)];
            default:
                return seen == entry.Kind && LeadsTo(importer, seen, entry.Entry) == LeadsTo(_exporter[entry.Level], seen, entry.Entry)
                    ? []
                    : [new ShareFinding(ShareCode.DifferentMapping, null, entry.Level, kind)];
        }
    }

    /// <summary>The page and its size, or the next table and its level.</summary>
    private static (ulong Address, int Extent) LeadsTo(LevelRules rules, EntryKind kind, ulong entry) => kind == EntryKind.Leaf
        ? (rules.PageOf(entry), rules.PageShiftOf(entry))
        : (rules.TableOf(entry), rules.NextLevelOf(entry));

    private static ImmutableArray<ShareFinding> FindMappings(in CursorEntry entry, LevelRules importer, EntryKind seen) => seen switch
    {
        EntryKind.Leaf when !IsBlocked(entry, importer) =>
            [new ShareFinding(ShareCode.UnwantedMapping, null, entry.Level, EntryLayout.Leaf)],
        EntryKind.Table => [new ShareFinding(ShareCode.UnwantedMapping, null, entry.Level, EntryLayout.Table)],
        _ => [],
    };

    private static bool IsBlocked(in CursorEntry entry, LevelRules importer)
    {
        ulong output = importer.PageOf(entry.Entry);
        ulong size = 1ul << importer.PageShiftOf(entry.Entry);
        return TImporter.Description.Windows.Any(w => w.IsOutputBlocked && w.ContainsAll(output, size));
    }

    private void Count(ShareFinding finding, bool isReachable)
    {
        (long count, long reachable) = _counts.GetValueOrDefault(finding);
        _counts[finding] = (count + 1, reachable + (isReachable ? 1 : 0));
    }

    /// <summary>What was found, and what a table of <paramref name="levels"/> levels could hold.</summary>
    public ShareReport Report(int levels)
    {
        ImmutableArray<ShareFinding> proof = ShareProof.Compare(_exporter, _variant, _importer, levels);
        IEnumerable<ShareReason> found = _counts
            .Select(c => new ShareReason(c.Key, c.Value.Count, c.Value.Reachable, _cures.Of(c.Key)));
        IEnumerable<ShareReason> possible = proof
            .Where(f => !_counts.ContainsKey(f))
            .Select(f => new ShareReason(f, 0, 0, _cures.Of(f)));
        bool isProved = proof.All(f => f.Code == ShareCode.DifferentMeaning);
        var report = new ShareReport
        {
            IsShareable = _counts.Count == 0 && (_entryCount > 0 || isProved),
            Reasons =
            [
                .. found.Concat(possible)
                    .OrderBy(r => r.Count == 0)
                    .ThenBy(r => r.Finding.Code)
                    .ThenBy(r => r.Finding.Bit)
                    .ThenByDescending(r => r.Finding.Level)
                    .ThenBy(r => r.Finding.Kind),
            ],
            Offenders = [.. _offenders],
            OffenderCount = _offenderCount,
            EntryCount = _entryCount,
            NotInMemory = _notInMemory,
            Cycles = _cycles,
            IsCut = _isCut,
        };
        return report.IsComplete ? report : report with { IsShareable = false };
    }
}

using System.Collections.Immutable;

namespace TdpHw.Formats.Tests.Generated;

/// <summary>Generated code of <typeparamref name="TFormat"/>.</summary>
internal sealed class GeneratedRulesOf<TFormat>(FormatRules<TFormat> rules) : GeneratedRules
    where TFormat : struct, IPageTableFormat<TFormat>
{
    public override FormatDescription Description => TFormat.Description;

    public override CapabilityValues Capabilities => rules.Capabilities;

    public override ImmutableArray<WalkShape> Walks => rules.Walks;

    public override int MaxLevel => rules.MaxLevel;

    public override int OutputBits => rules.OutputBits;

    public override int AddressShift => TFormat.AddressShift;

    public override LevelRules this[int level] => rules[level];

    public override DecodedEntry Decode(int level, ulong raw) => EntryDecoder.Decode(rules, level, raw);

    public override WalkResult Walk<TMemory>(
        WalkWay way, TMemory memory, ulong root, int levels, InputAddress address, Access access)
    {
        Root<TFormat> start = RootAt(root, levels);
        switch (way)
        {
            case WalkWay.Emitted:
                return TFormat.Walk(in memory, start, address, access);
            case WalkWay.Generic:
                return FormatWalk.Walk(in memory, start, address, access);
            default:
                var results = new WalkResult[1];
                BatchWalk.Walk(in memory, start, [address], access, results);
                return results[0];
        }
    }

    public override void WalkAll<TMemory>(
        TMemory memory,
        ulong root,
        int levels,
        ReadOnlySpan<InputAddress> addresses,
        Access access,
        Span<WalkResult> results,
        bool? sideBySide = null)
    {
        Root<TFormat> start = RootAt(root, levels);
        if (sideBySide is { } chosen)
        {
            GroupedWalk<TFormat, TMemory>.Run(in memory, start, addresses, access, results, chosen);
        }
        else
        {
            BatchWalk.Walk(in memory, start, addresses, access, results);
        }
    }

    public override List<CursorEntry> List<TMemory>(
        TMemory memory, ulong root, int levels, Wanted wanted, ImmutableArray<ulong> emptyValues = default)
    {
        var entries = new List<CursorEntry>();
        var cursor = new TableCursor<TFormat, TMemory>(in memory, RootAt(root, levels), wanted, emptyValues);
        while (cursor.MoveNext())
        {
            entries.Add(cursor.Current);
        }

        // The end stays the end.
        Assert.False(cursor.MoveNext());
        return entries;
    }

    public override RangeListing Ranges<TMemory>(
        TMemory memory,
        ulong root,
        int levels,
        long maxLeaves = long.MaxValue,
        ImmutableArray<ulong> emptyValues = default,
        InputAddress first = default,
        InputAddress? last = null)
    {
        var ranges = new List<MappedRange>();
        var cursor = new RangeCursor<TFormat, TMemory>(in memory, RootAt(root, levels), maxLeaves, emptyValues, first, last);
        while (cursor.MoveNext())
        {
            ranges.Add(cursor.Current);
        }

        Assert.False(cursor.MoveNext());
        return new(ranges, cursor.IsRootInMemory, cursor.Leaves, cursor.NotInMemory, cursor.Cycles, cursor.IsCut);
    }

    public override List<ScannedTable> Sweep<TMemory>(TMemory memory, ulong root, int levels, out long notInMemory)
    {
        var tables = new List<ScannedTable>();
        var sweep = new TableSweep<TFormat, TMemory>(in memory, RootAt(root, levels));
        while (sweep.MoveNext())
        {
            tables.Add(new(sweep.Level, sweep.Table.Value, 0, sweep.FirstEntry, sweep.Entries.ToArray(), sweep.Bitmaps));
        }

        Assert.False(sweep.MoveNext());
        notInMemory = sweep.NotInMemory;
        return tables;
    }

    public override List<ScannedTable> Scan<TMemory>(
        TMemory memory, ulong root, int levels, out long notInMemory, out long cycles)
    {
        var tables = new List<ScannedTable>();
        var cursor = new ScanCursor<TFormat, TMemory>(in memory, RootAt(root, levels));
        while (cursor.MoveNext())
        {
            tables.Add(new(
                cursor.Level, cursor.Table.Value, cursor.Address.Value, cursor.FirstEntry, cursor.Entries.ToArray(), cursor.Bitmaps));
        }

        (notInMemory, cycles) = (cursor.NotInMemory, cursor.Cycles);
        return tables;
    }

    public override TreeCounts Count<TMemory>(
        TMemory memory,
        ulong root,
        int levels,
        ImmutableArray<ulong> emptyValues = default,
        CancellationToken cancellation = default) =>
        TreeCounter.Count(in memory, RootAt(root, levels), emptyValues, cancellation);

    private Root<TFormat> RootAt(ulong address, int levels) => new(rules, new(address), levels) { Rights = RootRights };
}

using System.Collections.Immutable;
using System.Globalization;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>What each bit of an entry is, for levels that are alike.</summary>
/// <param name="Levels">The levels, ascending.</param>
/// <param name="Layout">The layout of the entries.</param>
/// <param name="Rows">What the bits are, the highest first.</param>
internal sealed record LayoutPicture(
    ImmutableArray<int> Levels, EntryLayout Layout, ImmutableArray<LayoutRow> Rows)
{
    /// <summary>The pictures of a format.</summary>
    public static ImmutableArray<LayoutPicture> Of(FormatDescription format)
    {
        FormatRegistry.TryVisit(format.Id, default(LayoutFinder), out ImmutableArray<LevelLayout> layouts);
        return
        [
            .. layouts
                .Select(l => (l.Level, l.Layout, Rows: RowsOf(l, format)))
                .GroupBy(l => (l.Layout, Key: string.Join('\n', l.Rows)))
                .Select(g => new LayoutPicture([.. g.Select(l => l.Level)], g.Key.Layout, g.First().Rows))
                .OrderBy(p => p.Layout switch { EntryLayout.Leaf => 0, EntryLayout.Table => 1, _ => 2 }),
        ];
    }

    /// <summary>Those pictures of a format that show anything: entries that are not present may have no bit with a meaning.</summary>
    public static ImmutableArray<LayoutPicture> Drawn(FormatDescription format) => [.. Of(format).Where(p => p.Rows.Length != 0)];

    /// <summary>What the picture shows.</summary>
    public string Title
    {
        get
        {
            string what = Layout switch
            {
                EntryLayout.Leaf => "leaf",
                EntryLayout.Table => "table",
                _ => "not present",
            };
            string levels = string.Join(", ", Levels.Select(l => l.ToString(CultureInfo.InvariantCulture)));
            return $"{what}, level{(Levels.Length == 1 ? "" : "s")} {levels}";
        }
    }

    private static ImmutableArray<LayoutRow> RowsOf(LevelLayout layout, FormatDescription format)
    {
        IEnumerable<LayoutRow> fields = format.Fields
            .Where(f => f.AppliesTo(layout.Level, layout.Layout))
            .SelectMany(f => f.Position is null
                ? f.Bits.SelectMany(b => RowsOf(f, b, layout, format))
                : [Positioned(f, format)]);
        IEnumerable<LayoutRow> others = format.BitRules
            .Where(r => (r.Levels >> layout.Level & 1) != 0 && (r.Layouts & layout.Layout) != 0)
            .SelectMany(r => r.Bits.Select(b => new LayoutRow(
                b, "", Word(r.Status), ConditionText.Of(r.Condition, format.Capabilities), "", r.Source)));
        return [.. fields.Concat(others).OrderByDescending(r => r.Bits.High).ThenByDescending(r => r.Symbol.Length != 0)];
    }

    private static LayoutRow Positioned(FieldDescription field, FormatDescription format) => new(
        format.Fields.First(f => f.Role == FieldRole.Address).Bits[0],
        field.Symbol,
        FieldNames.Of(field),
        ConditionText.Of(field.Condition, format.Capabilities),
        field.Summary,
        field.Source)
    {
        Position = field.Position,
    };

    private static IEnumerable<LayoutRow> RowsOf(
        FieldDescription field, BitRange bits, LevelLayout layout, FormatDescription format)
    {
        // A larger page leaves the low bits of its address field without use; other fields may have some of them.
        int firstUsed = bits.Low + ((layout.Level - 1) * format.IndexBits);
        if (field.Role == FieldRole.Address && layout.Layout == EntryLayout.Leaf && layout.Level > 1)
        {
            ulong others = format.Fields
                .Where(f => f != field && f.AppliesTo(layout.Level, layout.Layout))
                .Aggregate(0ul, (mask, f) => mask | f.Mask);
            ulong below = bits.Mask & ~others & (firstUsed < 64 ? (1ul << firstUsed) - 1 : ulong.MaxValue);
            foreach (BitRange range in RangesOf(below))
            {
                string word = (layout.ReservedWithout(0) & range.Mask) != 0 ? Word(BitStatus.Reserved)
                    : (layout.Res0 & range.Mask) != 0 ? Word(BitStatus.Res0)
                    : "illegal";
                yield return new LayoutRow(range, "", word, "", "", field.Source);
            }

            if (firstUsed > bits.High)
            {
                yield break;
            }

            bits = bits with { Low = firstUsed };
        }

        yield return new LayoutRow(
            bits, field.Symbol, FieldNames.Of(field), Condition(field, layout, format), field.Summary, field.Source);
    }

    private static string Condition(FieldDescription field, LevelLayout layout, FormatDescription format)
    {
        if (field.Role == FieldRole.Address && layout.Layout != EntryLayout.NotPresent && format.AddressLimit is string limit)
        {
            bool isReserved = (layout.ReservedWithout(0) & field.Mask) != 0;
            return $"above {limit} {(isReserved ? "reserved" : "illegal")}";
        }

        if ((field.Mask & layout.LeafBits) != 0 && layout.LeafNeeds != 0)
        {
            string needs = ConditionText.Of(new CapabilityCondition(layout.LeafNeeds, 0), format.Capabilities);
            return $"{needs}, else {((field.Mask & layout.RefusedBits) != 0 ? "reserved" : "ignored")}";
        }

        string condition = ConditionText.Of(field.Condition, format.Capabilities);
        return condition.Length == 0 || layout.Layout == EntryLayout.NotPresent
            ? condition
            : $"{condition}, else {((field.Mask & layout.ReservedWithout(field.Condition.Needs)) != 0 ? "reserved" : "ignored")}";
    }

    private static IEnumerable<BitRange> RangesOf(ulong mask)
    {
        for (int low = 0; low < 64; low++)
        {
            int high = low;
            while (high < 64 && (mask >> high & 1) != 0)
            {
                high++;
            }

            if (high > low)
            {
                yield return new BitRange(high - 1, low);
                low = high;
            }
        }
    }

    private static string Word(BitStatus status) => status switch
    {
        BitStatus.Reserved => "reserved",
        BitStatus.Res0 => "res0",
        _ => "ignored",
    };
}

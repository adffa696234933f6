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
            .SelectMany(f => f.Bits.Select(b => new LayoutRow(
                b, f.Symbol, FieldNames.Of(f), Condition(f, layout, format), f.Summary, f.Source)));
        IEnumerable<LayoutRow> others = format.BitRules
            .Where(r => (r.Levels >> layout.Level & 1) != 0 && (r.Layouts & layout.Layout) != 0)
            .SelectMany(r => r.Bits.Select(b => new LayoutRow(
                b, "", Word(r.Status), ConditionText.Of(r.Condition, format.Capabilities), "", r.Source)));
        return [.. fields.Concat(others).OrderByDescending(r => r.Bits.High).ThenByDescending(r => r.Symbol.Length != 0)];
    }

    private static string Condition(FieldDescription field, LevelLayout layout, FormatDescription format)
    {
        string condition = ConditionText.Of(field.Condition, format.Capabilities);
        return condition.Length == 0 || layout.Layout == EntryLayout.NotPresent
            ? condition
            : $"{condition}, else {((field.Mask & layout.ReservedWithout(field.Condition.Needs)) != 0 ? "reserved" : "ignored")}";
    }

    private static string Word(BitStatus status) => status switch
    {
        BitStatus.Reserved => "reserved",
        BitStatus.Res0 => "res0",
        _ => "ignored",
    };
}

using System.Collections.Immutable;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>Explains entries of <typeparamref name="TFormat"/>.</summary>
/// <param name="rules">The rules that judge them.</param>
/// <param name="overlay">The software whose use of the format is shown; null for none.</param>
internal sealed class EntryExplainer<TFormat>(FormatRules<TFormat> rules, ChosenOverlay? overlay) : IEntryExplainer
    where TFormat : struct, IPageTableFormat<TFormat>
{
    public int MaxLevel => rules.MaxLevel;

    public Explanation Explain(int level, ulong raw)
    {
        DecodedEntry entry = EntryDecoder.Decode(rules, level, raw);
        bool translates = entry.Kind is EntryKind.Leaf or EntryKind.Table;
        SpecialEncoding? meaning = translates ? null : overlay?.Variant.MeaningOf(raw);
        return new Explanation
        {
            Format = TFormat.Description,
            Capabilities = rules.Capabilities,
            Entry = entry,
            IgnoredBits = raw & entry.Layout switch
            {
                EntryLayout.Leaf => rules[level].LeafIgnored,
                EntryLayout.NotPresent => 0,
                _ => rules[level].TableIgnored,
            },
            Overlay = overlay,
            Meaning = meaning,
            IsEmpty = !translates && overlay?.Variant.IsEmpty(raw) == true,
            SoftwareFields = SoftwareFieldsOf(entry, meaning),
        };
    }

    private ImmutableArray<DecodedField> SoftwareFieldsOf(DecodedEntry entry, SpecialEncoding? meaning)
    {
        if (overlay is null)
        {
            return [];
        }

        if (meaning is null)
        {
            return entry.IsPresent ? Take(overlay.Variant.Fields, entry, entry.Layout) : [];
        }

        // An entry with a meaning keeps the software's usual bits only when it is known by some of them, as an
        // access-tracked one is; other encodings use the bits for something else.
        ulong usual = overlay.Variant.Fields.Aggregate(0ul, (mask, field) => mask | field.Mask);
        bool isKnownByUsualBits = meaning.Tests.Any(
            t => t.Mask != ulong.MaxValue && (t.Mask & usual) != 0 && t.Matches(entry.Raw));
        return
        [
            .. meaning.Fields.Select(f => new DecodedField(f, ValueOf(f, entry.Raw))),
            .. isKnownByUsualBits ? Take(overlay.Variant.Fields, entry, EntryLayout.Leaf) : [],
        ];
    }

    private ImmutableArray<DecodedField> Take(
        ImmutableArray<FieldDescription> fields, DecodedEntry entry, EntryLayout layout) =>
    [
        .. fields
            .Where(f => f.AppliesTo(entry.Level, layout) && f.Condition.Holds(rules.Capabilities))
            .Select(f => new DecodedField(f, ValueOf(f, entry.Raw))),
    ];

    // Where nothing says how a displaced field is stored, its bits are given as they stand.
    private ulong ValueOf(FieldDescription field, ulong raw) =>
        field.Extract(
            overlay?.WidthOf(field) is int width ? field.Displacement!.Undo(raw, width) : raw);
}

using System.Collections.Immutable;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>Explains entries of one format on one machine.</summary>
/// <param name="format">The format.</param>
/// <param name="machine">The machine, and the software whose use of the format is shown.</param>
/// <param name="levels">The rules that judge them, level 1 first.</param>
internal sealed class EntryExplainer(FormatDescription format, Machine machine, LevelRules[] levels)
{
    /// <summary>The highest level that the format has.</summary>
    public int MaxLevel => levels.Length;

    /// <summary>Says all there is to say of an entry.</summary>
    /// <param name="level">The level, from 1 to <see cref="MaxLevel"/>.</param>
    /// <param name="raw">The entry.</param>
    public Explanation Explain(int level, ulong raw)
    {
        LevelRules rules = levels[level - 1];
        ChosenOverlay? overlay = machine.Overlay;
        DecodedEntry entry = EntryDecoder.Decode(format, machine.Capabilities, rules, raw);
        bool translates = entry.Kind is EntryKind.Leaf or EntryKind.Table;
        SpecialEncoding? meaning = translates ? null : overlay?.Variant.MeaningOf(raw);
        return new Explanation
        {
            Format = format,
            Capabilities = machine.Capabilities,
            Entry = entry,
            IgnoredBits = raw & entry.Layout switch
            {
                EntryLayout.Leaf => rules.LeafIgnored,
                EntryLayout.NotPresent => 0,
                _ => rules.TableIgnored,
            },
            Overlay = overlay,
            Meaning = meaning,
            IsEmpty = !translates && overlay?.Variant.IsEmpty(raw) == true,
            SoftwareFields = SoftwareFieldsOf(entry, meaning),
        };
    }

    private ImmutableArray<DecodedField> SoftwareFieldsOf(DecodedEntry entry, SpecialEncoding? meaning)
    {
        if (machine.Overlay is not { } overlay)
        {
            return [];
        }

        if (meaning is null)
        {
            return entry.IsPresent ? Take(overlay.Variant.Fields, entry, entry.Layout) : [];
        }

        // An entry with a meaning keeps the software's usual bits only when it is known by some of them, as an
        // access-tracked one is; other encodings use the bits for something else.
        ulong usual = 0;
        foreach (FieldDescription field in overlay.Variant.Fields)
        {
            usual |= field.Mask;
        }

        bool isKnownByUsualBits = false;
        for (int i = 0; i < meaning.Tests.Length; i++)
        {
            EntryTest test = meaning.Tests[i];
            isKnownByUsualBits |= test.Mask != ulong.MaxValue && (test.Mask & usual) != 0 && test.Matches(entry.Raw);
        }

        // A loop for the sake of a short run, as in the decoder.
        ImmutableArray<DecodedField>.Builder fields = ImmutableArray.CreateBuilder<DecodedField>();
        foreach (FieldDescription field in meaning.Fields)
        {
            fields.Add(new DecodedField(field, ValueOf(field, entry.Raw)));
        }

        if (isKnownByUsualBits)
        {
            fields.AddRange(Take(overlay.Variant.Fields, entry, EntryLayout.Leaf));
        }

        return fields.ToImmutable();
    }

    private ImmutableArray<DecodedField> Take(
        ImmutableArray<FieldDescription> fields, DecodedEntry entry, EntryLayout layout) =>
    [
        .. fields
            .Where(f => f.AppliesTo(entry.Level, layout) && f.Condition.Holds(machine.Capabilities))
            .Select(f => new DecodedField(f, ValueOf(f, entry.Raw))),
    ];

    // Where nothing says how a displaced field is stored, its bits are given as they stand.
    private ulong ValueOf(FieldDescription field, ulong raw) =>
        field.Extract(
            machine.Overlay?.WidthOf(field) is int width ? field.Displacement!.Undo(raw, width) : raw);
}

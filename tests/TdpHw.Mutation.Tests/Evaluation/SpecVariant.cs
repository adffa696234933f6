using TdpHw.Formats;
using TdpHw.Generators.Model;

namespace TdpHw.Mutation.Tests.Evaluation;

/// <summary>A variant of a bound overlay, read as its generated struct reads entries.</summary>
internal sealed class SpecVariant(OverlayVariantSpec spec)
{
    public OverlayVariantSpec Spec { get; } = spec;

    /// <summary>The variant with an id.</summary>
    /// <exception cref="KeyNotFoundException">There is no such variant.</exception>
    public static SpecVariant Of(OverlaySpec overlay, string id) => new(overlay.Variants.FirstOrDefault(v => v.Id == id)
        ?? throw new KeyNotFoundException($"{overlay.Id} has no variant '{id}'."));

    /// <summary>What the software means by an entry; "empty" when it holds nothing, null when it means nothing special.</summary>
    public string? MeaningOf(ulong raw) => Spec.EmptyValues.Contains(raw) ? "empty" : Encoding(raw)?.Name;

    /// <summary>The fields of an entry with a layout, by symbol.</summary>
    public Dictionary<string, ulong> FieldsOf(EntryLayout layout, ulong raw) => Spec.Fields
        .Where(f => (f.Layouts & (layout == EntryLayout.Leaf ? EntryLayouts.Leaf : EntryLayouts.Table)) != 0)
        .ToDictionary(f => f.Symbol, f => f.Bits.Extract(raw));

    /// <summary>
    /// A field of a special entry; null when the entry has none of that name. Displaced bits lie below
    /// <paramref name="cacheBits"/>; null where nothing is displaced.
    /// </summary>
    public ulong? EncodingField(ulong raw, string name, int? cacheBits)
    {
        EncodingFieldSpec? field = Encoding(raw)?.Fields.FirstOrDefault(f => f.Name == name);
        if (field?.Displacement is not { } moved || cacheBits is not { } width)
        {
            return field?.Bits.Extract(raw);
        }

        ulong covered = ((1ul << moved.Bits) - 1) << (width - moved.Bits);
        ulong bits = (raw & field.Bits.Mask() & ((1ul << (width - moved.Bits)) - 1)) | ((raw >> moved.Bits) & covered);
        return bits >> field.Bits[0].Low;
    }

    private EncodingSpec? Encoding(ulong raw) => Spec.Encodings.FirstOrDefault(
        e => e.Values.Count > 0 ? e.Values.Contains(raw) : (raw & e.Mask) == e.Value);
}

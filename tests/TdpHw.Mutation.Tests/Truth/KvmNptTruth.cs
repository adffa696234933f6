using System.Text.Json;
using TdpHw.Formats;
using TdpHw.Generators.Model;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>How KVM uses NPT entries: constants, encodings, and entries that a kernel wrote.</summary>
internal sealed class KvmNptTruth(IReadOnlyList<Capture> captures) : ITruth
{
    private readonly JsonElement _facts = Json.Oracle("facts").GetProperty("kvm_npt");

    public string Name => "facts of kvm-npt";

    public IReadOnlyCollection<string> About { get; } = ["KvmNpt", "Npt"];

    public void Check(World world)
    {
        OverlaySpec overlay = world.Overlay("KvmNpt");
        SpecRules npt = world.Format("npt").Resolve(new Dictionary<string, int> { ["maxphyaddr"] = 40 });
        Expect.Same(_facts.GetProperty("variants").GetProperty("ids").Words(), overlay.Variants.Select(v => v.Id), Name, "the variants");
        Expect.Equal(_facts.GetProperty("variants").GetProperty("is_default").GetBoolean(), overlay.IsDefault, Name, "the default");
        EnumSpec? types = overlay.Enums.FirstOrDefault(e => e.Name == overlay.Variants[0].Fields.FirstOrDefault(f => f.Symbol == "ADT")?.Enum);
        Expect.Same(
            _facts.GetProperty("ad_types").GetProperty("values").Names(),
            (types?.Members ?? default).Select(m => (m.Value, m.Name)),
            Name,
            "how accesses are tracked");
        foreach (JsonElement row in _facts.GetProperty("written").EnumerateArray())
        {
            var variant = SpecVariant.Of(overlay, row.GetProperty("variant").GetString()!);
            CheckFields(variant);
            CheckMmio(variant);
            CheckCaptures(variant);
            Expect.Equal(0ul, variant.Spec.Zero, variant.Spec.Id, "bits that are left zero");
            Expect.Equal(row.GetProperty("empty").Hex(), variant.Spec.EmptyValues[0], variant.Spec.Id, "the empty entry");
            ulong? frozen = variant.Spec.Encodings.FirstOrDefault(e => e.Name == "frozen")?.Values[0];
            Expect.Equal(row.GetProperty("frozen").Hex(), frozen, variant.Spec.Id, "the frozen entry");
            Expect.Equal(EntryKind.NotPresent, npt[1].KindOf(frozen!.Value), variant.Spec.Id, "the frozen entry's kind");
            foreach (JsonElement meaning in _facts.GetProperty("meanings").EnumerateArray())
            {
                ulong raw = meaning.GetProperty("raw").Hex();
                Expect.Equal(meaning.GetProperty("meaning").GetString(), variant.MeaningOf(raw), variant.Spec.Id, $"0x{raw:x}");
            }
        }
    }

    private void CheckFields(SpecVariant variant)
    {
        JsonElement fields = _facts.GetProperty("fields");
        Expect.Same(
            fields.GetProperty("symbols").EnumerateObject().Select(f => f.Name).Order(StringComparer.Ordinal),
            variant.Spec.Fields.Select(f => f.Symbol).Order(StringComparer.Ordinal),
            variant.Spec.Id,
            "the fields");
        string[] leafOnly = fields.GetProperty("leaf_only").Words();
        foreach (FieldSpec field in variant.Spec.Fields)
        {
            BitSpan bits = Json.Bits(fields.GetProperty("symbols").GetProperty(field.Symbol).GetString()!);
            Expect.Same(new[] { bits }.Each(), field.Bits.Each(), variant.Spec.Id, field.Symbol);
            EntryLayouts layouts = leafOnly.Contains(field.Symbol) ? EntryLayouts.Leaf : EntryLayouts.Present;
            Expect.Equal(layouts, field.Layouts, variant.Spec.Id, field.Symbol);
        }
    }

    private void CheckMmio(SpecVariant variant)
    {
        JsonElement facts = _facts.GetProperty("mmio");
        EncodingSpec? mmio = variant.Spec.Encodings.FirstOrDefault(e => e.Name == "mmio");
        Expect.Equal(facts.GetProperty("mask").Hex(), mmio?.Mask, variant.Spec.Id, "the mask of MMIO");
        Expect.Equal(facts.GetProperty("value").Hex(), mmio?.Value, variant.Spec.Id, "the value of MMIO");
        Expect.Same(
            facts.GetProperty("fields").EnumerateObject().Select(f => f.Name).Order(StringComparer.Ordinal),
            mmio!.Fields.Select(f => f.Name).Order(StringComparer.Ordinal),
            variant.Spec.Id,
            "what MMIO entries hold");
        foreach (EncodingFieldSpec field in mmio.Fields)
        {
            IEnumerable<BitSpan> bits = facts.GetProperty("fields").GetProperty(field.Name).Words().Select(Json.Bits);
            Expect.Same(bits.Each(), field.Bits.Each(), variant.Spec.Id, field.Name);
        }
    }

    /// <summary>What an unmodified kernel wrote for an address says that address, and the generation that its trace tells.</summary>
    private void CheckCaptures(SpecVariant variant)
    {
        ulong generation = _facts.GetProperty("captured_generation").GetProperty("npt-4level").Hex();
        foreach (string line in captures.Where(c => c.Name == "npt-4level").SelectMany(c => c.Specials))
        {
            string[] columns = line.Split('\t');
            ulong raw = Json.Hex(columns[5]);
            Expect.Equal(columns[9], variant.MeaningOf(raw), columns[5], "meaning");
            Expect.Equal(Json.Hex(columns[1]) >> 12, variant.EncodingField(raw, "GuestFrame", null), columns[5], "page");
            Expect.Equal(generation, variant.EncodingField(raw, "Generation", null), columns[5], "generation");
        }
    }
}

using System.Globalization;
using System.Text.Json;
using TdpHw.Formats;
using TdpHw.Generators.Model;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>How KVM uses EPT entries: constants, encodings, and entries that a kernel wrote.</summary>
internal sealed class KvmTruth(IReadOnlyList<Capture> captures) : ITruth
{
    private const string Strict = "strict";
    private static readonly string[] Variants = ["low", "low-ve", "high", Strict];

    private readonly JsonElement _spte = Json.Oracle("kvm_spte");
    private readonly JsonElement _constants = Json.Oracle("kvm_spte").GetProperty("constants");
    private readonly JsonElement _facts = Json.Oracle("facts").GetProperty("kvm_ept");
    private readonly JsonElement _strict = Json.Oracle("facts").GetProperty("kvm_ept").GetProperty("strict");
    private readonly JsonElement _reserved = Json.Oracle("ept_rsvd").GetProperty("rows");

    public string Name => "kvm_spte";

    public IReadOnlyCollection<string> About { get; } = ["KvmEpt", "Ept"];

    public void Check(World world)
    {
        OverlaySpec overlay = world.Overlay("KvmEpt");
        SpecRules ept = world.Format("ept").Resolve(new Dictionary<string, int>());
        Expect.Same(_facts.GetProperty("variants").GetProperty("ids").Words(), overlay.Variants.Select(v => v.Id), Name, "the variants");
        Expect.Equal(_facts.GetProperty("variants").GetProperty("is_default").GetBoolean(), overlay.IsDefault, Name, "the default");
        foreach (string id in Variants)
        {
            var variant = SpecVariant.Of(overlay, id);
            CheckMmioConstants(variant);
            CheckMmio(ept, variant);
            CheckTracking(ept, variant);
            CheckFields(variant);
            CheckLayouts(variant);
        }

        Expect.Equal(
            _facts.GetProperty("l1tf_cache_bits").GetProperty("maximum").GetInt32(),
            overlay.Capabilities.FirstOrDefault(c => c.Name == "l1tf_cache_bits")?.Maximum,
            Name,
            "the widest cache address that needs protection");
        CheckWhole(ept, overlay);
        CheckZero(ept, overlay);
        EnumSpec? types = overlay.Enums.FirstOrDefault(e => e.Name == overlay.Variants[0].Fields.FirstOrDefault(f => f.Symbol == "ADT")?.Enum);
        Expect.Same(
            _facts.GetProperty("ad_types").GetProperty("values").Names(),
            (types?.Members ?? default).Select(m => (m.Value, m.Name)),
            Name,
            "how accesses are tracked");
        CheckCaptures(SpecVariant.Of(overlay, "low"));

        // MMIO and tracked entries of these kernels read the same in later ones.
        CheckCaptures(SpecVariant.Of(overlay, "low-ve"));
    }

    /// <summary>Whether MMU_PRESENT is where the series moves it.</summary>
    private static bool IsHigh(SpecVariant variant) => variant.Spec.Id is "high" or Strict;

    private ulong MmioMask(string variant) => _facts.GetProperty("mmio_masks").EnumerateArray()
        .Where(m => m.GetProperty("variant").GetString() == variant)
        .Select(m => m.GetProperty("mask").Hex())
        .DefaultIfEmpty(_constants.GetProperty("MMIO_MASK").Hex())
        .First();

    private void CheckMmioConstants(SpecVariant variant)
    {
        string id = variant.Spec.Id;
        bool isStrict = id == Strict;
        ulong value = isStrict ? _strict.GetProperty("mmio_value").Hex() : _constants.GetProperty("MMIO_VALUE").Hex();
        ulong mask = isStrict ? _strict.GetProperty("mmio_mask").Hex() : MmioMask(id);
        ulong generations = isStrict ? _strict.GetProperty("generation_mask").Hex() : _constants.GetProperty("GEN_MASK").Hex();
        EncodingSpec? mmio = variant.Spec.Encodings.FirstOrDefault(e => e.Name == "mmio");
        Expect.Equal(mask, mmio?.Mask, id, "MMIO_MASK");
        Expect.Equal(value, mmio?.Value, id, "MMIO_VALUE");
        int width = mmio?.Fields.FirstOrDefault(f => f.Name == "Generation")?.Bits.Width() ?? 0;
        Expect.Equal(generations, (1ul << width) - 1, id, "GEN_MASK");
        ulong frame = Json.Bits(_facts.GetProperty("guest_frame").GetProperty("bits").GetString()!).Mask;
        Expect.Equal(frame >> 12, variant.EncodingField(value | frame, "GuestFrame", null), id, "the highest page");
        Expect.Same(
            _facts.GetProperty("encodings").GetProperty("names").Words(), variant.Spec.Encodings.Select(e => e.Name), id, "the encodings");
    }

    private void CheckMmio(SpecRules ept, SpecVariant variant)
    {
        bool isStrict = variant.Spec.Id == Strict;
        string key = isStrict ? "raw" : IsHigh(variant) ? "after" : "before";
        foreach (JsonElement row in (isStrict ? _strict : _spte).GetProperty("mmio").EnumerateArray())
        {
            ulong raw = row.GetProperty(key).Hex();
            int? cacheBits = row.TryGetProperty("cache_bits", out JsonElement bits) ? bits.GetInt32() : null;
            string where = $"{variant.Spec.Id} 0x{raw:x}";
            Expect.Equal("mmio", variant.MeaningOf(raw), where, "meaning");
            Expect.Equal(row.GetProperty("gen").GetUInt64(), variant.EncodingField(raw, "Generation", null), where, "generation");
            Expect.Equal(row.GetProperty("gfn").Hex(), variant.EncodingField(raw, "GuestFrame", cacheBits), where, "page");
            Expect.Equal(EntryKind.IllegalEncoding, ept[1].KindOf(raw), where, "kind");
        }
    }

    /// <summary>The rows of the oracle are the series'; before it, the entry is the same but for MMU_PRESENT.</summary>
    private void CheckTracking(SpecRules ept, SpecVariant variant)
    {
        ulong after = _constants.GetProperty("MMU_PRESENT_after").Hex();
        ulong present = IsHigh(variant) ? after : _constants.GetProperty("MMU_PRESENT_before").Hex();
        foreach (JsonElement row in _spte.GetProperty("access_track").EnumerateArray())
        {
            ulong tracked = (row.GetProperty("tracked").Hex() & ~after) | present;
            ulong untracked = (row.GetProperty("spte").Hex() & ~after) | present;
            string where = $"{variant.Spec.Id} 0x{tracked:x}";
            Expect.Equal("access-tracked", variant.MeaningOf(tracked), where, "meaning");
            Expect.Equal(null, variant.MeaningOf(untracked), where, "meaning before tracking");
            Expect.Equal(EntryKind.NotPresent, ept[1].KindOf(tracked), where, "kind");
            Dictionary<string, ulong> fields = variant.FieldsOf(EntryLayout.Leaf, tracked);
            ulong restored = row.GetProperty("restored_rx").Hex();
            Expect.Equal(ept.FieldOf("R", 1, EntryLayout.Leaf, restored), fields.GetValueOrDefault("SR"), where, "saved read");
            Expect.Equal(ept.FieldOf("X", 1, EntryLayout.Leaf, restored), fields.GetValueOrDefault("SX"), where, "saved execute");
        }
    }

    private void CheckFields(SpecVariant variant)
    {
        string present = IsHigh(variant) ? "MMU_PRESENT_after" : "MMU_PRESENT_before";
        Sets(variant, present, ("MP", 1));
        Sets(variant, "HOST_WRITABLE_ept", ("HW", 1));
        Sets(variant, "MMU_WRITABLE_ept", ("MW", 1));
        Sets(variant, "TDP_AD_MASK", ("ADT", 3));
        Sets(variant, "AD_ENABLED");
        Sets(variant, "AD_DISABLED", ("ADT", 1));
        Sets(variant, "AD_WRPROT_ONLY", ("ADT", 2));
        Sets(variant, "ACC_TRACK_SAVED_MASK", ("SR", 1), ("SX", 1));
    }

    private void Sets(SpecVariant variant, string constant, params (string Symbol, ulong Value)[] expected)
    {
        IEnumerable<string> actual = variant.FieldsOf(EntryLayout.Leaf, _constants.GetProperty(constant).Hex())
            .Where(f => f.Value != 0)
            .Select(f => $"{f.Key}={f.Value}")
            .Order(StringComparer.Ordinal);
        Expect.Same(expected.Select(f => $"{f.Symbol}={f.Value}"), actual, variant.Spec.Id, constant);
    }

    private void CheckLayouts(SpecVariant variant)
    {
        foreach (FieldSpec field in variant.Spec.Fields)
        {
            if (Symbols("leaf_only").Contains(field.Symbol))
            {
                Expect.Equal(EntryLayouts.Leaf, field.Layouts, variant.Spec.Id, field.Symbol);
            }
            else if (Symbols("both_layouts").Contains(field.Symbol))
            {
                Expect.Equal(EntryLayouts.Present, field.Layouts, variant.Spec.Id, field.Symbol);
            }
        }

        string[] Symbols(string key) => _facts.GetProperty(key).GetProperty("symbols").Words();
    }

    /// <summary>Entries that mean something as a whole, and some that do not.</summary>
    private void CheckWhole(SpecRules ept, OverlaySpec overlay)
    {
        foreach (JsonElement row in _facts.GetProperty("written").EnumerateArray())
        {
            var variant = SpecVariant.Of(overlay, row.GetProperty("variant").GetString()!);
            ulong frozen = row.GetProperty("frozen").Hex();
            Expect.Equal(row.GetProperty("empty").Hex(), variant.Spec.EmptyValues[0], variant.Spec.Id, "the empty entry");
            Expect.Equal(
                frozen, variant.Spec.Encodings.FirstOrDefault(e => e.Name == "frozen")?.Values[0], variant.Spec.Id, "the frozen entry");
            Expect.Equal(EntryKind.NotPresent, ept[1].KindOf(frozen), variant.Spec.Id, "the frozen entry's kind");
        }

        foreach (JsonElement row in _facts.GetProperty("meanings").EnumerateArray())
        {
            var variant = SpecVariant.Of(overlay, row.GetProperty("variant").GetString()!);
            ulong raw = row.GetProperty("raw").Hex();
            Expect.Equal(row.GetProperty("meaning").GetString(), variant.MeaningOf(raw), variant.Spec.Id, $"0x{raw:x}");
        }
    }

    /// <summary>KVM's checks of its own entries, before the series and with it, and the bits that our proposal adds.</summary>
    private void CheckZero(SpecRules ept, OverlaySpec overlay)
    {
        JsonElement row = _reserved.EnumerateArray().First(
            r => r.GetProperty("huge_1g").GetBoolean() && r.GetProperty("maxphyaddr").GetInt32() == ept.OutputBits);
        ulong strict = _strict.GetProperty("zero").Words().Select(Json.Bits).Mask();
        (string Id, string Matrix, ulong Added)[] variants =
            [("low", "shadow_before", 0), ("low-ve", "shadow_before", 0), ("high", "shadow_after", 0), (Strict, "shadow_after", strict)];
        foreach ((string id, string matrix, ulong added) in variants)
        {
            ulong zero = SpecVariant.Of(overlay, id).Spec.Zero;
            for (int level = 1; level <= 5; level++)
            {
                ulong mask = ept[level].ReservedIn(level == 1 ? EntryLayout.Leaf : EntryLayout.Table);
                Expect.Equal(row.GetProperty(matrix)[0][level - 1].Hex() | added, mask | zero, id, $"zero bits of level {level}");
                Expect.Equal(0ul, mask & zero, id, $"zero bits of level {level} that the hardware reserves");
            }
        }
    }

    /// <summary>What an unmodified kernel wrote for an address says that address, displaced where the processor is open to L1TF.</summary>
    private void CheckCaptures(SpecVariant low)
    {
        int cacheBits = _facts.GetProperty("l1tf").GetProperty("cache_bits").GetInt32();
        foreach (string line in captures.Where(c => c.Format == "ept").SelectMany(c => c.Specials))
        {
            string[] columns = line.Split('\t');
            ulong address = Json.Hex(columns[1]);
            ulong raw = Json.Hex(columns[5]);
            Expect.Equal(columns[9], low.MeaningOf(raw), columns[5], "meaning");
            if (columns[9] == "mmio")
            {
                Expect.Equal(address >> 12, low.EncodingField(raw, "GuestFrame", cacheBits), columns[5], "page");
            }
            else
            {
                // Tracking took rights away that the entry keeps.
                Dictionary<string, ulong> fields = low.FieldsOf(EntryLayout.Leaf, raw);
                string saved = string.Create(CultureInfo.InvariantCulture, $"{fields.GetValueOrDefault("SR")}{fields.GetValueOrDefault("SX")}");
                Expect.Equal("11", saved, columns[5], "saved rights");
            }
        }
    }
}

using System.Text.Json;
using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Oracle;

public sealed class KvmEptTests
{
    private static readonly Dictionary<string, ulong> NoCapabilities = [];
    private static readonly InterpretedRules Ept = Definitions.Format("ept").Resolve(NoCapabilities);
    private static readonly JsonElement Spte = OracleFile.Read("kvm_spte");

    [Theory]
    [InlineData("low", "before")]
    [InlineData("low-ve", "before")]
    [InlineData("high", "after")]
    public void Every_mmio_entry_is_recognised_with_its_generation_and_page(string variantId, string key)
    {
        InterpretedVariant variant = Variant(variantId);
        var findings = new Findings();
        int count = 0;
        foreach (JsonElement row in Spte.GetProperty("mmio").EnumerateArray())
        {
            ulong raw = row.GetProperty(key).Hex();
            string where = $"{variantId} 0x{raw:x}";
            RecognisedEncoding? encoding = variant.Recognise(1, raw);
            findings.ExpectSet(where, "meaning", ["mmio"], [encoding?.Name ?? "nothing"]);
            findings.Expect(
                where, "generation", row.GetProperty("gen").GetUInt64(), encoding?.Fields.GetValueOrDefault("Generation"));
            findings.Expect(
                where, "page", row.GetProperty("gfn").Hex(), encoding?.Fields.GetValueOrDefault("GuestFrame"));
            findings.Expect(where, "kind", EntryKind.IllegalEncoding, Ept.Decode(1, raw).Kind);
            count++;
        }

        findings.AssertNone(Spte.GetProperty("count").GetInt32(), count);
    }

    [Fact]
    public void Every_access_tracked_entry_is_recognised_and_keeps_the_rights_to_restore()
    {
        InterpretedVariant high = Variant("high");
        var findings = new Findings();
        int count = 0;
        foreach (JsonElement row in Spte.GetProperty("access_track").EnumerateArray())
        {
            ulong tracked = row.GetProperty("tracked").Hex();
            ulong restored = row.GetProperty("restored_rx").Hex();
            string where = $"0x{tracked:x}";
            findings.ExpectSet(where, "meaning", ["access-tracked"], [high.Recognise(1, tracked)?.Name ?? "nothing"]);
            findings.Expect(where, "kind", EntryKind.NotPresent, Ept.Decode(1, tracked).Kind);
            IReadOnlyList<FieldReading> fields = high.FieldsOf(1, EntryLayout.Leaf, tracked);
            EntryReading entry = Ept.Decode(1, restored);
            findings.Expect(where, "saved read", entry["R"], Value(fields, "SR"));
            findings.Expect(where, "saved execute", entry["X"], Value(fields, "SX"));
            count++;
        }

        findings.AssertNone(4, count);
    }

    [Fact]
    public void Entries_before_tracking_mean_nothing_special()
    {
        InterpretedVariant high = Variant("high");
        Assert.All(
            Spte.GetProperty("access_track").EnumerateArray(),
            row => Assert.Null(high.Recognise(1, row.GetProperty("spte").Hex())));
    }

    [Theory]
    [InlineData("low", "MMU_PRESENT_before", "MP", 1)]
    [InlineData("low-ve", "MMU_PRESENT_before", "MP", 1)]
    [InlineData("high", "MMU_PRESENT_after", "MP", 1)]
    [InlineData("strict", "MMU_PRESENT_after", "MP", 1)]
    [InlineData("low", "HOST_WRITABLE_ept", "HW", 1)]
    [InlineData("low", "MMU_WRITABLE_ept", "MW", 1)]
    [InlineData("low", "TDP_AD_MASK", "ADT", 3)]
    [InlineData("low", "AD_ENABLED", "ADT", 0)]
    [InlineData("low", "AD_DISABLED", "ADT", 1)]
    [InlineData("low", "AD_WRPROT_ONLY", "ADT", 2)]
    public void A_constant_of_kvm_sets_one_field_and_no_other(
        string variantId, string constant, string symbol, int value)
    {
        ulong raw = Spte.GetProperty("constants").GetProperty(constant).Hex();
        Assert.All(
            Variant(variantId).FieldsOf(1, EntryLayout.Leaf, raw),
            field => Assert.Equal(field.Symbol == symbol ? (ulong)value : 0, field.Value));
    }

    [Fact]
    public void The_saved_rights_of_tracking_fill_their_mask()
    {
        ulong mask = Spte.GetProperty("constants").GetProperty("ACC_TRACK_SAVED_MASK").Hex();
        Assert.All(
            Variant("high").FieldsOf(1, EntryLayout.Leaf, mask),
            field => Assert.Equal(field.Symbol is "SR" or "SX" ? 1ul : 0, field.Value));
    }

    [Theory]
    [InlineData("low", "REMOVED_SPTE_6_7", "frozen")]
    [InlineData("low-ve", "FROZEN_SPTE_2024", "frozen")]
    [InlineData("low-ve", "FROZEN_SPTE_later", "frozen")]
    [InlineData("high", "REMOVED_SPTE_6_7", "frozen")]
    [InlineData("strict", "REMOVED_SPTE_6_7", "frozen")]
    [InlineData("low", "AD_ENABLED", "empty")]
    [InlineData("low-ve", "NONPRESENT_VALUE_x86_64_later", "empty")]
    [InlineData("high", "AD_ENABLED", "empty")]
    [InlineData("strict", "AD_ENABLED", "empty")]
    public void A_whole_entry_is_recognised_by_its_value(string variantId, string constant, string meaning)
    {
        ulong raw = Spte.GetProperty("constants").GetProperty(constant).Hex();
        Assert.Equal(meaning, Variant(variantId).Recognise(1, raw)?.Name);
        Assert.Equal(EntryKind.NotPresent, Ept.Decode(1, raw).Kind);
    }

    [Fact]
    public void The_empty_entry_suppresses_virtualization_exceptions_where_kvm_says_so()
    {
        Assert.Equal(0ul, Variant("low").EmptyValue);
        Assert.Equal(0ul, Variant("high").EmptyValue);
        ulong later = Spte.GetProperty("constants").GetProperty("NONPRESENT_VALUE_x86_64_later").Hex();
        Assert.Equal(later, Variant("low-ve").EmptyValue);
    }

    [Fact]
    public void A_page_displaced_on_a_host_open_to_l1tf_is_put_back()
    {
        // An entry that an unmodified kernel wrote on a processor whose cache addresses are 40 bits wide.
        InterpretedVariant variant = Definitions.Overlay("kvm-ept").Resolve(
            "low", Ept, new Dictionary<string, ulong> { ["l1tf_cache_bits"] = 40 });
        RecognisedEncoding? encoding = variant.Recognise(1, 0x12f8000000f6);
        Assert.Equal("mmio", encoding?.Name);
        Assert.Equal(0x9000000ul, encoding?.Fields["GuestFrame"]);
        Assert.Equal(0x1eul, encoding?.Fields["Generation"]);
    }

    private static InterpretedVariant Variant(string id) =>
        Definitions.Overlay("kvm-ept").Resolve(id, Ept, NoCapabilities);

    private static ulong? Value(IReadOnlyList<FieldReading> fields, string symbol) =>
        fields.Single(field => field.Symbol == symbol).Value;
}

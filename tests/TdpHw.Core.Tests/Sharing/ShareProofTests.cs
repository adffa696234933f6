using System.Text.Json;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Sharing;

public sealed class ShareProofTests
{
    [Fact]
    public void Every_row_of_the_oracle_misses_the_same_bits()
    {
        var wrong = new List<string>();
        foreach (JsonElement row in OracleRows.Of("compat_ept_vtd.json"))
        {
            int huge = row.Number("huge_page_level");
            int levels = row.Number("tdp_levels");
            FormatRules<Ept> exporter = Ept.RulesFor(new EptCapabilities
            {
                MaxPhyAddr = row.Number("maxphyaddr"),
                Page2M = huge >= 2,
                Page1G = huge >= 3,
                Walk5 = levels == 5,
            });
            FormatRules<VtdSecondStage> importer = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities
            {
                Haw = row.Number("haw"),
                Page2M = (row.Number("sllps") & 1) != 0,
                Page1G = (row.Number("sllps") & 2) != 0,
                SnoopControl = row.Number("sc") != 0,
                Walk5 = levels == 5,
            });
            OverlayVariant variant = KvmEpt.Description.Variants.Single(
                v => v.Id == (row.Number("present_high") != 0 ? "high" : "low"));

            string[] expected =
            [
                .. row.GetProperty("missing").EnumerateArray()
                    .Select(m => (Level: m.Number("level"), Bit7: m.Number("bit7"), Bits: m.Hex("missing")))
                    .Select(m => $"{m.Level} {(m.Level == 1 || m.Bit7 == 1 ? "Leaf" : "Table")} {m.Bits:x}")
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ];
            string[] actual =
            [
                .. ShareProof.Compare(exporter, variant, importer, levels)
                    .Where(f => f.Code != ShareCode.DifferentMeaning)
                    .GroupBy(f => (f.Level, f.Kind))
                    .Select(g => $"{g.Key.Level} {g.Key.Kind} {g.Aggregate(0ul, (bits, f) => bits | 1ul << f.Bit!.Value):x}")
                    .Order(StringComparer.Ordinal),
            ];
            if (!expected.SequenceEqual(actual))
            {
                wrong.Add($"{row}: {string.Join(", ", actual)}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_format_can_be_shared_with_itself_on_the_same_machine()
    {
        FormatRules<VtdSecondStage> rules = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities());

        Assert.Empty(ShareProof.Compare(rules, null, rules, 4));
    }

    [Fact]
    public void A_walk_that_the_importer_lacks_is_found()
    {
        FormatRules<Ept> exporter = Ept.RulesFor(new EptCapabilities { Walk5 = true });
        FormatRules<VtdSecondStage> importer = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Walk5 = false });

        ShareFinding finding = Assert.Single(
            ShareProof.Compare(exporter, null, importer, 5), f => f.Code == ShareCode.WalkDepth);

        Assert.Equal(5, finding.Level);
    }

    [Fact]
    public void Bit_11_means_snooping_to_an_importer_with_snoop_control()
    {
        FormatRules<Ept> exporter = Ept.RulesFor(new EptCapabilities());
        FormatRules<VtdSecondStage> importer = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { SnoopControl = true });
        OverlayVariant low = KvmEpt.Description.Variants.Single(v => v.Id == "low");

        ShareFinding[] meanings =
        [
            .. ShareProof.Compare(exporter, low, importer, 4).Where(f => f.Code == ShareCode.DifferentMeaning),
        ];

        Assert.Equal([1, 2, 3], meanings.Select(f => f.Level));
        Assert.All(meanings, f => Assert.Equal((11, EntryLayout.Leaf), (f.Bit, f.Kind)));
    }
}

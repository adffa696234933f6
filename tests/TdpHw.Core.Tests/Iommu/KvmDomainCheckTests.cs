using System.Text.Json;
using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

public sealed class KvmDomainCheckTests
{
    [Theory]
    [InlineData("intended")]
    [InlineData("rfc")]
    public void Every_row_of_the_oracle_is_judged_as_posted_and_as_intended(string column)
    {
        var wrong = new List<string>();
        foreach (JsonElement row in OracleRows.Of("kvm_domain_caps.json"))
        {
            var metadata = new KvmExportedTdpMetaVmx
            {
                Type = KvmTdpType.Ept,
                Level = row.Number("tdp_level"),
                MaxHugePageLevel = row.Number("max_huge"),
            };
            var cap = new VtdCap(
                1ul << (8 + row.Number("iommu_agaw")) | (ulong)(row.Number("mgaw") - 1) << 16 | (ulong)row.Number("sllps") << 34);
            var ecap = new VtdEcap(
                (ulong)row.Number("sc") << 7 | (ulong)row.Number("smts") << 43 | (ulong)row.Number("walk_coherent") << 48);

            string expected = row.GetProperty($"{column}_reason").GetString() ?? "none";
            KvmDomainRefusal judged = column == "rfc"
                ? KvmDomainCheck.JudgeAsPosted(in metadata, cap, ecap)
                : KvmDomainCheck.Judge(in metadata, cap, ecap);
            string actual = judged.ToString().ToLowerInvariant();
            if (expected != actual || row.GetProperty(column).GetBoolean() != (actual == "none"))
            {
                wrong.Add($"{row}: {actual}");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData(0x0003ef9ea6f050dful, KvmDomainRefusal.None)]
    [InlineData(0x0003ef9ea6f0505ful, KvmDomainRefusal.Coherency)]
    [InlineData(0x0002ef9ea6f050dful, KvmDomainRefusal.Coherency)]
    [InlineData(0x0003e79ea6f050dful, KvmDomainRefusal.Coherency)]
    public void A_real_unit_takes_a_table_unless_it_can_not_keep_it_coherent(ulong ecap, KvmDomainRefusal expected)
    {
        // CAP of a unit that a published boot log shows; its ECAP with SC, SMPWC or SMTS taken away.
        var metadata = new KvmExportedTdpMetaVmx { Type = KvmTdpType.Ept, Level = 4, MaxHugePageLevel = 3 };

        Assert.Equal(expected, KvmDomainCheck.Judge(in metadata, new VtdCap(0x09ed008c40780466), new VtdEcap(ecap)));
    }

    // KVM's masks of the series leave bit 11 zero; a unit also wants bit 62 zero, and all bits from its own width on.
    [Theory]
    [InlineData("low", 46, false, false)]
    [InlineData("high", 46, true, false)]
    [InlineData("strict", 46, true, true)]
    [InlineData("strict", 52, true, true)]
    [InlineData("strict", 45, true, false)]
    public void Reserved_bits_are_covered_by_what_KVM_leaves_zero(string variant, int hostAddressWidth, bool asPosted, bool whole)
    {
        KvmExportedTdpMetaVmx metadata = Metadata(variant, maxPhyAddr: 46, levels: 4);
        var rules = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = hostAddressWidth, AccessedDirty = false });

        Assert.Equal(asPosted, KvmDomainCheck.LeavesReservedBitsZeroAsPosted(in metadata));
        Assert.Equal(whole, KvmDomainCheck.LeavesReservedBitsZero(in metadata, rules));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_single_bit_missing_at_a_level_that_the_walk_uses_is_seen(int level)
    {
        KvmExportedTdpMetaVmx metadata = Metadata("strict", maxPhyAddr: 46, levels: 4);
        var rules = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 46 });
        for (int row = 0; row < 2; row++)
        {
            KvmExportedTdpMetaVmx broken = metadata;
            broken.SetRsvdBitsMask(row, level - 1, metadata.GetRsvdBitsMask(row, level - 1) & ~(1ul << 62));
            bool isPageOnly = row == 1 && level > metadata.MaxHugePageLevel;

            Assert.Equal(isPageOnly, KvmDomainCheck.LeavesReservedBitsZero(in broken, rules));
        }

        // Masks of levels that the walk does not have are of no interest, but to the posted code.
        metadata.SetRsvdBitsMask(1, 4, 0);
        Assert.True(KvmDomainCheck.LeavesReservedBitsZero(in metadata, rules));
        Assert.False(KvmDomainCheck.LeavesReservedBitsZeroAsPosted(in metadata));
    }

    [Fact]
    public void A_unit_without_a_page_size_wants_its_bit_zero_in_tables()
    {
        KvmExportedTdpMetaVmx metadata = Metadata("strict", maxPhyAddr: 46, levels: 4);
        var rules = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 46, Page1G = false });

        Assert.False(KvmDomainCheck.LeavesReservedBitsZero(in metadata, rules));
    }

    private static KvmExportedTdpMetaVmx Metadata(string variant, int maxPhyAddr, int levels)
    {
        OverlayVariant written = KvmEpt.Description.Variants.Single(v => v.Id == variant);
        var rules = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = maxPhyAddr, ExecOnly = false });
        var metadata = new KvmExportedTdpMetaVmx { Type = KvmTdpType.Ept, Level = levels, MaxHugePageLevel = 3 };
        for (int level = 1; level <= 5; level++)
        {
            metadata.SetRsvdBitsMask(0, level - 1, VmxTdpMetadata.MustBeZero(rules, written, level, hasBit7: false));
            metadata.SetRsvdBitsMask(1, level - 1, VmxTdpMetadata.MustBeZero(rules, written, level, hasBit7: true));
        }

        return metadata;
    }
}

using System.Text.Json;
using TdpHw.Core.Iommu;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

public sealed class KvmDomainCheckTests
{
    [Fact]
    public void Every_row_of_the_oracle_is_judged_as_intended()
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

            string expected = row.GetProperty("intended_reason").GetString() ?? "none";
            string actual = KvmDomainCheck.Judge(in metadata, cap, ecap).ToString().ToLowerInvariant();
            if (expected != actual || row.GetProperty("intended").GetBoolean() != (actual == "none"))
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
}

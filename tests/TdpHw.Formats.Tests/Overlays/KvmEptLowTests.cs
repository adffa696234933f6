using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Overlays;

public sealed class KvmEptLowTests : KvmEptVariantTests<KvmEptLow>
{
    /// <summary>The captures were made on a processor whose cache addresses are as wide as its physical ones.</summary>
    private const int CacheBits = 40;

    public static TheoryData<string> Captures => ["ept-default", "ept-huge", "ept-noad"];

    protected override string Id => "low";

    protected override string MmioKey => "before";

    protected override string PresentConstant => "MMU_PRESENT_before";

    protected override ulong[] EmptyValues => [0, Constant("NONPRESENT_VALUE_x86_64_later")];

    protected override ulong[] FrozenValues =>
        [Constant("REMOVED_SPTE_6_7"), Constant("FROZEN_SPTE_2024"), Constant("FROZEN_SPTE_later")];

    [Fact]
    public void A_page_displaced_on_a_host_open_to_l1tf_is_put_back_and_displaced_again()
    {
        var entry = new EptEntry(0x12f8000000f6);
        Assert.True(KvmEptLow.IsMmio(entry));
        Assert.Equal(0x9000000000ul >> 12, KvmEptLow.MmioGuestFrame(entry, CacheBits));
        Assert.Equal(0x1eul, KvmEptLow.MmioGeneration(entry));
        Assert.Equal(entry, KvmEptLow.ComposeMmio(0x1e, 0x9000000000ul >> 12, CacheBits));
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Every_special_entry_that_a_kernel_wrote_means_what_the_kernel_meant(string capture)
    {
        var rules = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = 40 });
        var findings = new Findings();
        int count = 0;
        foreach (Dictionary<string, string> row in CaptureFile.Rows(capture, "special.tsv"))
        {
            var entry = new EptEntry(OracleFile.ParseHex(row["entry"]));
            ulong frame = OracleFile.ParseHex(row["address"]) >> 12;
            string where = $"{capture} {entry.Raw:x}";
            findings.Expect(where, "mmio", row["software"] == "mmio", KvmEptLow.IsMmio(entry));
            findings.Expect(where, "tracked", row["software"] == "access-tracked", KvmEptLow.IsAccessTracked(entry));
            findings.ExpectSet(
                where, "kind", [row["kind"]], [Ept.Description.ListingWord(rules[1].KindOf(entry.Raw))]);
            if (row["software"] == "mmio")
            {
                ulong generation = KvmEptLow.MmioGeneration(entry);
                findings.Expect(where, "frame", frame, KvmEptLow.MmioGuestFrame(entry, CacheBits));
                findings.Expect(where, "composed", entry.Raw, KvmEptLow.ComposeMmio(generation, frame, CacheBits).Raw);
            }
            else
            {
                findings.Expect(where, "saved read", true, KvmEptLow.SavedRead(entry));
                findings.Expect(where, "held for present", true, KvmEptLow.MmuPresent(entry));
            }

            count++;
        }

        findings.AssertNone(count);
    }
}

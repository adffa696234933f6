using System.Text.Json;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Overlays;

public sealed class KvmEptHighTests : KvmEptVariantTests<KvmEptHigh>
{
    protected override string Id => "high";

    protected override string MmioKey => "after";

    protected override string PresentConstant => "MMU_PRESENT_after";

    protected override ulong[] EmptyValues => [0];

    protected override ulong[] FrozenValues => [Constant("REMOVED_SPTE_6_7")];

    [Fact]
    public void Entries_leave_bit_11_zero() => Assert.Equal(Constant("MMU_PRESENT_before"), KvmEptHigh.MustBeZero);

    [Fact]
    public void Every_access_tracked_entry_is_recognised_and_keeps_the_rights_to_restore()
    {
        var findings = new Findings();
        int count = 0;
        foreach (JsonElement row in Spte.GetProperty("access_track").EnumerateArray())
        {
            var before = new EptEntry(row.GetProperty("spte").Hex());
            var tracked = new EptEntry(row.GetProperty("tracked").Hex());
            var restored = new EptEntry(row.GetProperty("restored_rx").Hex());
            string where = $"0x{tracked.Raw:x}";
            findings.Expect(where, "tracked before", false, KvmEptHigh.IsAccessTracked(before));
            findings.Expect(where, "tracked", true, KvmEptHigh.IsAccessTracked(tracked));
            findings.Expect(where, "held for present", true, KvmEptHigh.MmuPresent(tracked));
            findings.Expect(where, "saved read", restored.Read, KvmEptHigh.SavedRead(tracked));
            findings.Expect(where, "saved execute", restored.Execute, KvmEptHigh.SavedExecute(tracked));
            EptEntry again = KvmEptHigh.WithSavedExecute(
                KvmEptHigh.WithSavedRead(tracked.WithRead(true).WithExecute(restored.Execute), false), false);
            findings.Expect(where, "restored", restored.Raw, again.Raw);
            count++;
        }

        findings.AssertNone(4, count);
    }
}

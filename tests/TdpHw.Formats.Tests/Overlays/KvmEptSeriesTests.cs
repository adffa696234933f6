using System.Text.Json;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Overlays;

/// <summary>What holds for the series and for what builds on it.</summary>
public abstract class KvmEptSeriesTests<TVariant> : KvmEptVariantTests<TVariant>
    where TVariant : struct, IKvmEpt<TVariant>
{
    protected override string PresentConstant => "MMU_PRESENT_after";

    protected override ulong[] EmptyValues => [0];

    protected override ulong[] FrozenValues => [Constant("REMOVED_SPTE_6_7")];

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
            findings.Expect(where, "tracked before", false, TVariant.IsAccessTracked(before));
            findings.Expect(where, "tracked", true, TVariant.IsAccessTracked(tracked));
            findings.Expect(where, "held for present", true, TVariant.MmuPresent(tracked));
            findings.Expect(where, "saved read", restored.Read, TVariant.SavedRead(tracked));
            findings.Expect(where, "saved execute", restored.Execute, TVariant.SavedExecute(tracked));
            EptEntry again = TVariant.WithSavedExecute(
                TVariant.WithSavedRead(tracked.WithRead(true).WithExecute(restored.Execute), false), false);
            findings.Expect(where, "restored", restored.Raw, again.Raw);
            count++;
        }

        findings.AssertNone(4, count);
    }
}

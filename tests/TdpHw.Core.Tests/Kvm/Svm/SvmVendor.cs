using TdpHw.Core.Kvm;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm.Svm;

/// <summary>
/// A draft of KVM on AMD processors: nested page tables and KVM's use of them, both from definitions that the core does not know.
/// </summary>
/// <param name="cBit">Where entries say that memory is encrypted; null where the processor has no such bit.</param>
/// <param name="hasMetadata">Whether it can tell importers anything; without it is as the series leaves SVM.</param>
internal sealed class SvmVendor(int? cBit = null, bool hasMetadata = true)
    : TdpVendor<Npt>(Npt.RulesFor(new NptCapabilities { MaxPhyAddr = TestVm.HostBits, CBit = cBit }))
{
    private static readonly OverlayVariant Variant = KvmNpt.Description.Variants.Single(v => v.Id == "low");

    public override SpteLayout Layout => field ??= SpteLayout.Create(Rules, Variant);

    // Importers with tables of this shape ignore the low software bits: nothing need stand higher.
    public override bool HasMmuPresentHigh => true;

    public override IExportedTdpMetadata? ComposeMetadata(TdpRoot root, int maxHugePageLevel) =>
        hasMetadata ? SvmTdpMetadata.Compose(Rules, root, maxHugePageLevel, cBit is int bit ? 1ul << bit : 0) : null;
}

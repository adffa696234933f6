using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm.Svm;

/// <summary>
/// A draft of KVM on another vendor's processors, to see what of the core an export of theirs would need changed. Its tables are
/// EPT for want of a definition of nested page tables: this is about the metadata, not about the entries.
/// </summary>
/// <param name="hasMetadata">Whether it can tell importers anything; without it is as the series leaves SVM.</param>
internal sealed class SvmVendor(bool hasMetadata) : TdpVendor
{
    public const ulong EncryptionMask = 1ul << 47;

    private readonly FormatRules<Ept> _rules = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = TestVm.HostBits });

    public override SpteLayout Layout =>
        field ??= SpteLayout.Create(_rules, KvmEpt.Description.Variants.Single(v => v.Id == "high"));

    public override int AddressBits => TestVm.HostBits;

    public override int MaxHugePageLevel => 3;

    public override bool HasMmuPresentHigh => true;

    public override IExportedTdpMetadata? ComposeMetadata(TdpRoot root, int maxHugePageLevel) =>
        hasMetadata ? new SvmTdpMetadata(root.Level, root.Address.Value, maxHugePageLevel, EncryptionMask) : null;

    internal override CpuWalker CreateWalker(Machine machine, string name) => CpuWalker.Create(machine, name, _rules);
}

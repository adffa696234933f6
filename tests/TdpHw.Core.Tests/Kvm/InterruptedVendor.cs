using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>A vendor whose first composing of metadata is interrupted: where an export is made and not yet listed.</summary>
/// <param name="vendor">The vendor.</param>
/// <param name="interruption">What happens.</param>
internal sealed class InterruptedVendor(TdpVendor vendor, Action interruption) : TdpVendor
{
    private bool _isDone;

    public override SpteLayout Layout => vendor.Layout;

    public override int AddressBits => vendor.AddressBits;

    public override int MaxHugePageLevel => vendor.MaxHugePageLevel;

    public override bool HasMmuPresentHigh => vendor.HasMmuPresentHigh;

    public override IExportedTdpMetadata? ComposeMetadata(TdpRoot root, int maxHugePageLevel)
    {
        if (!_isDone)
        {
            _isDone = true;
            interruption();
        }

        return vendor.ComposeMetadata(root, maxHugePageLevel);
    }

    internal override CpuWalker CreateWalker(Machine machine, string name) => vendor.CreateWalker(machine, name);
}

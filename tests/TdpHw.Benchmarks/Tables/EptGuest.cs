using TdpHw.Benchmarks.Cases;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Tables;

/// <summary>Intel EPT, imported as VT-d second stage.</summary>
internal sealed class EptGuest : GuestFormat<Ept>
{
    private static readonly EptEntry Usual = default(EptEntry).WithRead(true).WithExecute(true);

    public override FormatRules<Ept> Rules { get; } = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = AddressBits });

    /// <summary>What KVM marks emulated MMIO with: it can be written and not read.</summary>
    public override ulong Refused { get; } = default(EptEntry).WithWrite(true).WithExecute(true).Raw;

    public override ulong Leaf(int level, bool canWrite) =>
        Usual.WithWrite(canWrite).WithMemoryType(EptMemoryType.WB).WithPageSize(level > 1).Raw;

    public override ulong Table(int level) => Usual.WithWrite(true).Raw;

    public override RatioCase AuditCase() => new AuditCase<Ept, VtdSecondStage>(
        this, VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = AddressBits }));
}

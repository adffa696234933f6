using TdpHw.Benchmarks.Cases;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Tables;

/// <summary>AMD nested paging, imported as the x86-64 paging of a unit that knows wider addresses than the processor.</summary>
internal sealed class NptGuest : GuestFormat<Npt>
{
    private static readonly NptEntry Usual = default(NptEntry).WithPresent(true).WithUser(true);

    public override FormatRules<Npt> Rules { get; } = Npt.RulesFor(new NptCapabilities { MaxPhyAddr = AddressBits });

    /// <summary>What KVM marks emulated MMIO with: an address that the processor lacks.</summary>
    public override ulong Refused { get; } = Usual.WithWrite(true).Raw | (1ul << 51);

    public override ulong Leaf(int level, bool canWrite) => Usual.WithWrite(canWrite).WithPageSize(level > 1).Raw;

    public override ulong Table(int level) => Usual.WithWrite(true).Raw;

    public override RatioCase AuditCase() => new AuditCase<Npt, X64>(this, X64.RulesFor(new X64Capabilities { MaxPhyAddr = 52 }));
}

using TdpHw.Benchmarks.Cases;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Tables;

/// <summary>AMD-Vi host page tables, imported by another unit of the same kind.</summary>
internal sealed class AmdV1Guest : GuestFormat<AmdV1>
{
    private static readonly AmdV1Entry Usual = default(AmdV1Entry).WithPresent(true).WithRead(true);

    public override FormatRules<AmdV1> Rules { get; } = AmdV1.RulesFor(new AmdV1Capabilities());

    /// <summary>A page with a reserved bit set.</summary>
    public override ulong Refused { get; } = Usual.WithWrite(true).Raw | (1ul << 52);

    public override ulong Leaf(int level, bool canWrite) => Usual.WithWrite(canWrite).Raw;

    public override ulong Table(int level) => Usual.WithWrite(true).WithNextLevel((ulong)level - 1).Raw;

    public override RatioCase AuditCase() => new AuditCase<AmdV1, AmdV1>(this, Rules);
}

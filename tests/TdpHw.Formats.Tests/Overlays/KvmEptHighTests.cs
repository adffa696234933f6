namespace TdpHw.Formats.Tests.Overlays;

public sealed class KvmEptHighTests : KvmEptSeriesTests<KvmEptHigh>
{
    protected override string Id => "high";

    protected override string MmioKey => "after";

    [Fact]
    public void Entries_leave_bit_11_zero() => Assert.Equal(Constant("MMU_PRESENT_before"), KvmEptHigh.MustBeZero);
}

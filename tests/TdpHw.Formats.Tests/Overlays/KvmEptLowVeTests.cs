namespace TdpHw.Formats.Tests.Overlays;

public sealed class KvmEptLowVeTests : KvmEptVariantTests<KvmEptLowVe>
{
    protected override string Id => "low-ve";

    protected override string MmioKey => "before";

    protected override string PresentConstant => "MMU_PRESENT_before";

    protected override ulong[] EmptyValues => [Constant("NONPRESENT_VALUE_x86_64_later"), 0];

    protected override ulong[] FrozenValues =>
        [Constant("FROZEN_SPTE_2024"), Constant("FROZEN_SPTE_later"), Constant("REMOVED_SPTE_6_7")];
}

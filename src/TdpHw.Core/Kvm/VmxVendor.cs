using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>KVM on Intel processors: EPT, and the metadata struct of the series.</summary>
public sealed class VmxVendor : TdpVendor<Ept>
{
    private readonly FormatRules<Ept> _shadowRules;
    private readonly OverlayVariant _variant;

    /// <summary>KVM on an Intel processor.</summary>
    /// <param name="capabilities">What the processor can do; its width is the host's.</param>
    /// <param name="variantId">Which variant of the overlay KVM writes: <c>low</c>, <c>low-ve</c>, <c>high</c> or <c>strict</c>.</param>
    /// <param name="l1tfCacheBits">The width of the cache's addresses on a processor open to L1TF, or null.</param>
    /// <exception cref="ArgumentException">There is no such variant.</exception>
    public VmxVendor(in EptCapabilities capabilities, string variantId, int? l1tfCacheBits = null)
        : base(Ept.RulesFor(capabilities))
    {
        // KVM judges its own entries as if execute-only pages were impossible: it never writes one.
        _shadowRules = Ept.RulesFor(capabilities with { ExecOnly = false });
        _variant = KvmEpt.Description.Variants.FirstOrDefault(v => v.Id == variantId)
            ?? throw new ArgumentException($"kvm-ept has no variant '{variantId}'.", nameof(variantId));
        Layout = SpteLayout.Create(Rules, _variant, l1tfCacheBits);
    }

    /// <summary>The overlay's variant that KVM writes in a mode.</summary>
    /// <param name="mode">Which hazards are closed.</param>
    /// <param name="hasMmuPresentHigh">Whether MMU_PRESENT stands where importers want nothing (CONFIG_HAVE_KVM_MMU_PRESENT_HIGH).</param>
    public static string VariantFor(SharingMode mode, bool hasMmuPresentHigh)
    {
        ArgumentNullException.ThrowIfNull(mode);
        return !hasMmuPresentHigh ? "low"
            : mode.Closes(Hazard.MmioIsMapped) || mode.Closes(Hazard.ReservedBitsUnchecked) ? "strict"
            : "high";
    }

    /// <inheritdoc/>
    public override SpteLayout Layout { get; }

    /// <inheritdoc/>
    public override bool HasMmuPresentHigh => Layout.MmuPresentMask > Layout.AddressMask;

    /// <inheritdoc/>
    public override IExportedTdpMetadata ComposeMetadata(TdpRoot root, int maxHugePageLevel) =>
        VmxTdpMetadata.Compose(_shadowRules, _variant, root, maxHugePageLevel);
}

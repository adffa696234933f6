using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>What KVM tells of an exported EPT. (RFC "Sharing KVM TDP to IOMMU", patches 02 and 40.)</summary>
/// <param name="Value">The struct.</param>
public sealed record VmxTdpMetadata(KvmExportedTdpMetaVmx Value) : IExportedTdpMetadata
{
    private const int Levels = 5;

    /// <inheritdoc/>
    public uint Type => (uint)Value.Type;

    /// <inheritdoc/>
    public int SizeInBytes => KvmExportedTdpMetaVmx.SizeInBytes;

    /// <summary>Composes what KVM tells of an EPT.</summary>
    /// <param name="rules">The format's rules on the host, as KVM judges its own entries.</param>
    /// <param name="variant">How KVM uses the entries.</param>
    /// <param name="root">The exported root.</param>
    /// <param name="maxHugePageLevel">The highest level that KVM maps pages at.</param>
    public static VmxTdpMetadata Compose(FormatRules<Ept> rules, OverlayVariant variant, TdpRoot root, int maxHugePageLevel)
    {
        ArgumentNullException.ThrowIfNull(root);
        var value = new KvmExportedTdpMetaVmx
        {
            Type = KvmTdpType.Ept,
            Level = root.Level,
            RootHpa = root.Address.Value,
            MaxHugePageLevel = maxHugePageLevel,
        };
        for (int level = 1; level <= Levels; level++)
        {
            value.SetRsvdBitsMask(0, level - 1, MustBeZero(rules, variant, level, hasBit7: false));
            value.SetRsvdBitsMask(1, level - 1, MustBeZero(rules, variant, level, hasBit7: true));
        }

        return new VmxTdpMetadata(value);
    }

    /// <summary>
    /// The bits that KVM leaves zero in every entry of a level, with bit 7 clear or set. All five levels have a mask, whichever of
    /// them the walk uses. (Linux 6.7 mmu.c, reset_tdp_shadow_zero_bits_mask; series, patch 24.)
    /// </summary>
    public static ulong MustBeZero(FormatRules<Ept> rules, OverlayVariant variant, int level, bool hasBit7)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(variant);
        LevelRules entries = rules[level];
        bool hasTables = entries.TableAddress != 0;
        bool isRefused = entries.Leaf.Any(r => !r.Supported);
        ulong hardware = hasTables && (!hasBit7 || entries.Leaf.IsEmpty) ? entries.TableReserved
            : isRefused ? entries.RefusedReserved
            : entries.LeafReserved;
        return hardware | variant.MustBeZero;
    }

    /// <inheritdoc/>
    public void Write(Span<byte> destination) => Value.Write(destination);
}

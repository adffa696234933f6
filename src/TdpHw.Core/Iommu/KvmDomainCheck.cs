using System.Numerics;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// What a VT-d driver asks of a unit before it takes an exported EPT as a domain: RFC "Sharing KVM TDP to IOMMU", patches 18, 20
/// and 21, once as the series means it and once as the posted code does it.
/// </summary>
public static class KvmDomainCheck
{
    private const int SmallestPageLevel = 1;
    private const int MetadataLevels = 5;

    /// <summary>
    /// The first thing that stands in the way, as the series means it. Where the posted code differs from what it says it does
    /// (page sizes compared by the highest one alone, a walk's number compared with a width in bits), this follows what it says.
    /// </summary>
    /// <param name="metadata">What KVM says of the table.</param>
    /// <param name="cap">The unit's CAP_REG.</param>
    /// <param name="ecap">The unit's ECAP_REG.</param>
    public static KvmDomainRefusal Judge(in KvmExportedTdpMetaVmx metadata, VtdCap cap, VtdEcap ecap)
    {
        if (!IsCoherent(ecap))
        {
            return KvmDomainRefusal.Coherency;
        }

        for (int level = SmallestPageLevel + 1; level <= metadata.MaxHugePageLevel; level++)
        {
            if ((cap.LargePages >> (level - 2) & 1) == 0)
            {
                return KvmDomainRefusal.Superpage;
            }
        }

        if (MaxLevels(cap) < metadata.Level)
        {
            return KvmDomainRefusal.Agaw;
        }

        return cap.MaxGuestAddressWidth < InputBits(metadata.Level) ? KvmDomainRefusal.Mgaw : KvmDomainRefusal.None;
    }

    /// <summary>The first thing that the posted code finds in the way. (Series, patch 18.)</summary>
    /// <param name="metadata">What KVM says of the table.</param>
    /// <param name="cap">The unit's CAP_REG.</param>
    /// <param name="ecap">The unit's ECAP_REG.</param>
    public static KvmDomainRefusal JudgeAsPosted(in KvmExportedTdpMetaVmx metadata, VtdCap cap, VtdEcap ecap)
    {
        if (!IsCoherent(ecap))
        {
            return KvmDomainRefusal.Coherency;
        }

        // The highest page size that the unit says it has stands for all below it.
        int highestPage = cap.LargePages == 0 ? 0 : BitOperations.Log2(cap.LargePages) + 1;
        if (metadata.MaxHugePageLevel - 1 > highestPage)
        {
            return KvmDomainRefusal.Superpage;
        }

        // A walk's number is 2 for four levels and 3 for five; no unit has a width of so few bits.
        int walk = metadata.Level - 2;
        return walk > MaxLevels(cap) - 2 ? KvmDomainRefusal.Agaw
            : walk > cap.MaxGuestAddressWidth ? KvmDomainRefusal.Mgaw
            : KvmDomainRefusal.None;
    }

    /// <summary>Whether KVM leaves zero all that a unit wants zero, at each level that the walk uses.</summary>
    /// <param name="metadata">What KVM says of the table.</param>
    /// <param name="rules">The second stage's rules on the unit.</param>
    public static bool LeavesReservedBitsZero(in KvmExportedTdpMetaVmx metadata, FormatRules<VtdSecondStage> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        for (int level = SmallestPageLevel; level <= metadata.Level; level++)
        {
            LevelRules unit = rules[level];
            ulong withoutBit7 = metadata.GetRsvdBitsMask(0, level - 1);
            ulong withBit7 = metadata.GetRsvdBitsMask(1, level - 1);

            // An entry with bit 7 is a page above the lowest level, or nothing that KVM writes.
            ulong table = withoutBit7 | (withBit7 & VtdSecondStageEntry.PageSizeMask);
            bool isCovered = level == SmallestPageLevel
                ? (unit.LeafReserved & ~(withoutBit7 & withBit7)) == 0
                : (unit.TableReserved & ~table) == 0
                    && (level > metadata.MaxHugePageLevel || (unit.LeafReserved & ~withBit7) == 0);
            if (!isCovered)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether KVM leaves bit 11 zero in every entry, which is all that the posted code asks. (Series, patch 21.)</summary>
    /// <param name="metadata">What KVM says of the table.</param>
    public static bool LeavesReservedBitsZeroAsPosted(in KvmExportedTdpMetaVmx metadata)
    {
        for (int level = SmallestPageLevel; level <= MetadataLevels; level++)
        {
            if ((metadata.GetRsvdBitsMask(0, level - 1) & metadata.GetRsvdBitsMask(1, level - 1) & VtdSecondStageEntry.SnoopMask) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How wide the addresses are that a walk of so many levels translates; larger than any width when there is none.</summary>
    internal static int InputBits(int levels) => VtdSecondStage.Description.Walks
        .Where(w => w.Shape.Levels == levels)
        .Select(w => w.Shape.InputBits)
        .DefaultIfEmpty(int.MaxValue)
        .First();

    // PGSNP, which makes every page coherent, is in the PASID entry of scalable mode only.
    private static bool IsCoherent(VtdEcap ecap) => ecap.SnoopControl && ecap.ScalableMode && ecap.ScalableWalkCoherency;

    private static int MaxLevels(VtdCap cap) => cap.Walk5 ? 5 : cap.Walk4 ? 4 : cap.Walk3 ? 3 : 0;
}

using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// What a VT-d driver asks of a unit before it takes an exported EPT as a domain, as the series means it: RFC "Sharing KVM TDP
/// to IOMMU", patches 18 and 20. Where the posted code differs from what it says it does (page sizes compared by the highest
/// one alone, a walk's number compared with a width in bits), this follows what it says.
/// </summary>
public static class KvmDomainCheck
{
    private const int SmallestPageLevel = 1;

    /// <summary>The first thing that stands in the way.</summary>
    /// <param name="metadata">What KVM says of the table.</param>
    /// <param name="cap">The unit's CAP_REG.</param>
    /// <param name="ecap">The unit's ECAP_REG.</param>
    public static KvmDomainRefusal Judge(in KvmExportedTdpMetaVmx metadata, VtdCap cap, VtdEcap ecap)
    {
        // PGSNP, which makes every page coherent, is in the PASID entry of scalable mode only.
        if (!ecap.SnoopControl || !ecap.ScalableMode || !ecap.ScalableWalkCoherency)
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

        int levels = metadata.Level;
        int deepest = cap.Walk5 ? 5 : cap.Walk4 ? 4 : cap.Walk3 ? 3 : 0;
        if (deepest < levels)
        {
            return KvmDomainRefusal.Agaw;
        }

        FormatDescription format = VtdSecondStage.Description;
        int inputBits = format.Walks.Where(w => w.Shape.Levels == levels).Select(w => w.Shape.InputBits).DefaultIfEmpty(int.MaxValue).First();
        return cap.MaxGuestAddressWidth < inputBits ? KvmDomainRefusal.Mgaw : KvmDomainRefusal.None;
    }
}

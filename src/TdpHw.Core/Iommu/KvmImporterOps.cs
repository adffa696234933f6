using TdpHw.Core.Kvm;

namespace TdpHw.Core.Iommu;

/// <summary>What IOMMUFD registers with an export: one object for all its tables, as code is. (Series, patch 14.)</summary>
internal sealed class KvmImporterOps : ITdpImporterOps
{
    /// <summary>The only one.</summary>
    public static KvmImporterOps Instance { get; } = new();

    /// <inheritdoc/>
    public void Invalidate(object data, TdpFlush flush) => ((KvmHwpt)data).Domain.Invalidate(flush);

    /// <inheritdoc/>
    public bool MarksAccesses(object data) => ((KvmHwpt)data).Domain.MarksAccesses;
}

namespace TdpHw.Core.Kvm;

/// <summary>An importer's code (<c>struct kvm_tdp_importer_ops</c>); one object for all tables that it imports. (Series, patch 01.)</summary>
public interface ITdpImporterOps
{
    /// <summary>Told that translations changed: when this returns, no device uses an old one. It must not wait for KVM.</summary>
    /// <param name="data">What the importer gave when it registered.</param>
    /// <param name="flush">What changed.</param>
    void Invalidate(object data, TdpFlush flush);

    /// <summary>
    /// Whether devices set accessed and dirty flags in the table. The posted interface has no word for it, and no importer does.
    /// </summary>
    /// <param name="data">What the importer gave when it registered.</param>
    bool MarksAccesses(object data);
}

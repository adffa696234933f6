namespace TdpHw.Core.Kvm;

/// <summary>
/// What an exporter tells an importer of a table. Each vendor has a struct of its own behind it; an importer asks for the ones
/// that it knows by <see cref="Type"/>. (RFC "Sharing KVM TDP to IOMMU", patch 02.)
/// </summary>
public interface IExportedTdpMetadata
{
    /// <summary>Which struct it is: the value of <c>enum kvm_exported_tdp_type</c>.</summary>
    uint Type { get; }

    /// <summary>How many bytes the struct has.</summary>
    int SizeInBytes { get; }

    /// <summary>Writes the struct as C code lays it out in memory.</summary>
    /// <exception cref="ArgumentException">There is less room than the struct needs.</exception>
    void Write(Span<byte> destination);
}

namespace TdpHw.Core.Sharing;

/// <summary>Why an entry, or a kind of entry, can't be shared as it is.</summary>
public enum ShareCode
{
    /// <summary>A bit that the exporter may set is reserved in the importer.</summary>
    ReservedBit,

    /// <summary>An address bit of the exporter lies beyond the importer's physical address width.</summary>
    AddressWidth,

    /// <summary>The importer lacks a page size that the exporter maps with.</summary>
    PageSize,

    /// <summary>The importer has no walk of as many levels as the exporter's root has.</summary>
    WalkDepth,

    /// <summary>What is present to the exporter is not present to the importer.</summary>
    NotPresent,

    /// <summary>What is well formed to the exporter is a combination that the importer refuses.</summary>
    IllegalEncoding,

    /// <summary>The importer refuses every translation to where the exporter's leaf leads.</summary>
    BlockedOutput,

    /// <summary>Both find the entry well formed, but it leads elsewhere, or to another size, in the importer.</summary>
    DifferentMapping,

    /// <summary>What maps nothing to the exporter is a live mapping to the importer.</summary>
    UnwantedMapping,

    /// <summary>A bit has another meaning in the importer, without a fault.</summary>
    DifferentMeaning,
}

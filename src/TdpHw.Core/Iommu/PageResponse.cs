namespace TdpHw.Core.Iommu;

/// <summary>How a group of page requests is answered. (PCI Express Base Specification, 10.4.2 "Page Request Group Response Message".)</summary>
public enum PageResponse
{
    /// <summary>The pages are there.</summary>
    Success = 0,

    /// <summary>A request was wrong in itself, or nobody handles them.</summary>
    Invalid = 1,

    /// <summary>The pages can't be provided; on many devices the end of the queue that asked.</summary>
    Failure = 15,

    /// <summary>No answer ever comes: not a code of the message, but what the posted code does on broken memory.</summary>
    None = 16,
}

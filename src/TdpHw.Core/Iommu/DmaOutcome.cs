namespace TdpHw.Core.Iommu;

/// <summary>How a device's access ended.</summary>
public enum DmaOutcome
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>The unit refused it.</summary>
    Fault,

    /// <summary>The device asked for the page and was refused.</summary>
    Failure,

    /// <summary>The device asked for the page and was told that the request is wrong.</summary>
    Invalid,

    /// <summary>The device asked for the page and waits for ever.</summary>
    NoAnswer,
}

namespace TdpHw.Core.Iommu;

/// <summary>Who answers the page requests of a device that is attached to it.</summary>
internal interface IPageRequestHandler
{
    /// <summary>How wide the addresses are that its table translates.</summary>
    int InputBits { get; }

    /// <summary>Handles a group of requests that are right in themselves, and answers for all of them.</summary>
    PageResponse Handle(ReadOnlySpan<PageRequest> group);
}

using TdpHw.Core.Kvm;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>A device's request for a page. (PCI Express Base Specification, 10.4.1 "Page Request Message".)</summary>
/// <param name="Address">An address of the page.</param>
/// <param name="Access">What the device wants to do.</param>
/// <param name="IsPrivileged">Whether it wants to do so in privileged mode.</param>
public readonly record struct PageRequest(InputAddress Address, TdpAccess Access, bool IsPrivileged = false);

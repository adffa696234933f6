using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>A page as KVM is about to map it.</summary>
/// <param name="Level">The page's level: 1 for 4 KiB, 2 for 2 MiB, 3 for 1 GiB.</param>
/// <param name="Frame">Where the page lies in the host's memory.</param>
/// <param name="Rights">What the guest may do with it; it may always read.</param>
/// <param name="IsHostWritable">Whether the host maps the page writable; without that the guest may not write.</param>
/// <param name="IsDeviceMemory">Whether the page is a device's and not memory.</param>
/// <param name="IsAdDisabled">Whether accessed and dirty flags are off.</param>
public readonly record struct SpteLeaf(
    int Level,
    HostPhysicalAddress Frame,
    Rights Rights,
    bool IsHostWritable = true,
    bool IsDeviceMemory = false,
    bool IsAdDisabled = false);

using System.Collections.Immutable;
using TdpHw.Cli.Images;
using TdpHw.Cli.Input;
using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Devices;

/// <summary>All devices that RTADDR leads to.</summary>
/// <param name="Rtaddr">The register.</param>
/// <param name="Devices">The devices, in the order of their addresses.</param>
internal sealed record DeviceList(VtdRtaddr Rtaddr, ImmutableArray<VtdDevice> Devices)
{
    /// <summary>The devices of an image, from the value of RTADDR that the command line says.</summary>
    /// <exception cref="FindingException">The register leads to no tables.</exception>
    public static DeviceList Of(ImageRequest request, TableImage image)
    {
        var rtaddr = new VtdRtaddr(request.Rtaddr!.Value);
        if (rtaddr.Mode is not (VtdTranslationTableMode.Legacy or VtdTranslationTableMode.Scalable) || rtaddr.HasReservedBits)
        {
            throw new FindingException($"RTADDR 0x{rtaddr.Raw:x} names no tables: its mode or a reserved bit is not valid");
        }

        return image.Accept(new Listing(rtaddr, image.Location));
    }

    private sealed class Listing(VtdRtaddr rtaddr, string location) : IImageVisitor<DeviceList>
    {
        public DeviceList Visit<TMemory>(in TMemory memory)
            where TMemory : struct, IPhysicalMemory => memory.TryReadEntry(rtaddr.RootTable, out _)
                ? new DeviceList(rtaddr, [.. new VtdDeviceTables<TMemory>(in memory, rtaddr).Devices()])
                : throw new FindingException($"{location}: the root table {rtaddr.RootTable} is not in memory");
    }
}

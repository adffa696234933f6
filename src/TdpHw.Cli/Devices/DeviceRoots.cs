using System.Collections.Immutable;
using System.Globalization;
using TdpHw.Cli.Images;
using TdpHw.Cli.Input;
using TdpHw.Core.Iommu;
using TdpHw.Memory;

namespace TdpHw.Cli.Devices;

/// <summary>Finds roots by the devices that use them.</summary>
internal static class DeviceRoots
{
    /// <summary>The root of the device that a command line names, or those of all devices when it names none.</summary>
    /// <exception cref="FindingException">No second stage translates for the device, or for any.</exception>
    public static ImmutableArray<RequestedRoot> Find(ImageRequest request, TableImage image)
    {
        if (AmdViSource.IsMeant(request, image))
        {
            return AmdViSource.Roots(request, image);
        }

        if (request.Device is DeviceAddress wanted)
        {
            VtdDevice device = DeviceSource.Of(request, image).Find(wanted);
            return device.Levels != 0
                ? [new RequestedRoot(device.Root, device.Levels, [device.Address.ToString()])]
                : throw new FindingException($"{image.Location}: {wanted} has no second-stage tables: {Why(device)}");
        }

        VtdDevice[] devices = [.. DeviceList.Of(request, image).Devices.Where(d => d.Levels != 0)];
        return devices.Length != 0
            ?
            [
                .. devices
                    .GroupBy(d => (d.Root, d.Levels))
                    .Select(g => new RequestedRoot(g.Key.Root, g.Key.Levels, [.. g.Select(d => d.Address.ToString())])),
            ]
            : throw new FindingException($"{image.Location}: RTADDR leads to no device with second-stage tables");
    }

    /// <summary>Why no second stage translates for a device.</summary>
    private static string Why(VtdDevice device) => device.Fault != VtdFaultReason.None
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"its requests fault with {DeviceWords.Of(device.Fault)}, {DeviceWords.MeaningOf(device.Fault)}")
        : device.Kind == VtdTranslationKind.PassThrough ? "its requests pass through untranslated"
        : "its requests go through first-stage tables";
}

using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Images;
using TdpHw.Cli.Input;
using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Devices;

/// <summary>A device's second stage as an image has it, to answer requests of the device from.</summary>
/// <param name="Device">What the image says of the device.</param>
/// <param name="IsScalable">Whether its faults have the codes of scalable mode.</param>
/// <param name="Rules">The rules of the unit.</param>
internal sealed record DeviceTables(VtdDevice Device, bool IsScalable, FormatRules<VtdSecondStage> Rules)
{
    /// <summary>Finds the tables of a device.</summary>
    /// <exception cref="FindingException">The image has none, or requests go through first-stage tables.</exception>
    public static DeviceTables Find(ImageRequest request, TableImage image, DeviceAddress wanted)
    {
        if (AmdViSource.IsMeant(request, image))
        {
            throw new UsageException($"{request.Path}: holds tables of an AMD-Vi unit, not of a VT-d unit");
        }

        DeviceSource source = DeviceSource.Of(request, image);
        VtdDevice device = source.Find(wanted);
        if (device.Kind is VtdTranslationKind.FirstStage or VtdTranslationKind.Nested)
        {
            throw new FindingException(
                $"{image.Location}: requests of {wanted} go through first-stage tables, which are not walked");
        }

        FormatDescription format = VtdSecondStage.Description;
        CapabilityValues told = ImageCapabilities.WithWalks(
            ImageCapabilities.Of(image, format), format, [new RequestedRoot(device.Root, device.Levels, [])]);
        CapabilityValues capabilities = SharedOptions.Apply(told, request.Settings);
        return new DeviceTables(device, source.IsScalable(device), VtdSecondStage.RulesFor(capabilities));
    }

    /// <summary>What the unit does with a request.</summary>
    public DeviceAnswer Ask<TMemory>(in TMemory memory, ulong address, Access access)
        where TMemory : struct, IPhysicalMemory => new(
            address,
            access,
            VtdTranslator.Translate(in memory, Device, IsScalable, Rules, new InputAddress(address), access));
}

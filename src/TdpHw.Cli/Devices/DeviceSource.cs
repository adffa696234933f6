using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Images;
using TdpHw.Cli.Input;
using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Devices;

/// <summary>
/// Finds what an image says of devices: from RTADDR through the tables that lead from there, or by the names of roots in an
/// image that has the roots only.
/// </summary>
internal sealed class DeviceSource
{
    private const string Parameter = "rtaddr";

    private readonly TableImage _image;
    private readonly VtdRtaddr? _rtaddr;

    private DeviceSource(TableImage image, VtdRtaddr? rtaddr)
    {
        _image = image;
        _rtaddr = rtaddr;
    }

    /// <summary>The devices of an image.</summary>
    /// <exception cref="UsageException">Nothing in the image leads to devices.</exception>
    public static DeviceSource Of(ImageRequest request, TableImage image)
    {
        if (request.Rtaddr is ulong said)
        {
            return new DeviceSource(image, new VtdRtaddr(said));
        }

        if (ImageRegister.Find(image, Parameter) is ulong told)
        {
            return new DeviceSource(image, new VtdRtaddr(told));
        }

        return image.Roots.Any(r => TryParse(r.Name, out _, out _))
            ? new DeviceSource(image, null)
            : throw new UsageException($"{request.Path}: does not say what RTADDR reads; say it with --rtaddr");
    }

    /// <summary>What the tables say of a device.</summary>
    /// <exception cref="FindingException">The image names roots only, and none of the device.</exception>
    public VtdDevice Find(DeviceAddress device) => _rtaddr is VtdRtaddr rtaddr
        ? _image.Accept(new Lookup(rtaddr, device))
        : FindNamed(device);

    /// <summary>Whether faults of the device have the codes of scalable mode.</summary>
    public bool IsScalable(VtdDevice device) => _rtaddr is VtdRtaddr rtaddr
        ? rtaddr.Mode == VtdTranslationTableMode.Scalable
        : device.Pasid is not null;

    private VtdDevice FindNamed(DeviceAddress wanted)
    {
        foreach (ImageRoot root in _image.Roots)
        {
            // PASID 0 is what a Linux kernel gives to requests that carry none.
            if (TryParse(root.Name, out DeviceAddress device, out int? pasid) && device == wanted && pasid is null or 0)
            {
                return new VtdDevice(
                    device, VtdTranslationKind.SecondStage, root.Table, root.Levels, 0, pasid, VtdFaultReason.None);
            }
        }

        string known = string.Join(", ", _image.Roots.Select(r => r.Name).Distinct());
        throw new FindingException($"{_image.Location}: has no tables of {wanted}; there are: {known}");
    }

    private static bool TryParse(string name, out DeviceAddress device, out int? pasid)
    {
        const string separator = " pasid ";
        int end = name.IndexOf(separator, StringComparison.Ordinal);
        pasid = null;
        if (end >= 0)
        {
            if (!int.TryParse(
                name.AsSpan(end + separator.Length),
                System.Globalization.NumberStyles.AllowHexSpecifier,
                System.Globalization.CultureInfo.InvariantCulture,
                out int number))
            {
                device = default;
                return false;
            }

            pasid = number;
        }

        return DeviceAddress.TryParse(end < 0 ? name : name[..end], out device);
    }

    private sealed class Lookup(VtdRtaddr rtaddr, DeviceAddress device) : IImageVisitor<VtdDevice>
    {
        public VtdDevice Visit<TMemory>(in TMemory memory)
            where TMemory : struct, IPhysicalMemory => new VtdDeviceTables<TMemory>(in memory, rtaddr).Find(device);
    }
}

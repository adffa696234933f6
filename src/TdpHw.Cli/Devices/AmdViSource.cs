using System.Collections.Immutable;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Images;
using TdpHw.Cli.Input;
using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Devices;

/// <summary>
/// Finds what an image says of the devices of an AMD-Vi unit: from the device table, or by the names of roots in an image that
/// has the roots only.
/// </summary>
internal static class AmdViSource
{
    /// <summary>The format of the host tables.</summary>
    public const string FormatId = "amdv1";

    private const string Parameter = "devtab";
    private const int DeepestLevels = 6;

    private static readonly string[] FeatureParameters = ["efr", "ext_features"];

    /// <summary>Whether an AMD-Vi unit is meant: its register is said, or the image holds its tables.</summary>
    public static bool IsMeant(ImageRequest request, TableImage image) =>
        request.Devtab is not null || (request.Rtaddr is null && (request.FormatId ?? image.FormatId) == FormatId);

    /// <summary>What leads to the device table; null where neither command line nor image say it.</summary>
    /// <exception cref="FindingException">It names no table.</exception>
    public static AmdViDeviceTableBase? Register(ImageRequest request, TableImage image)
    {
        if ((request.Devtab ?? ImageRegister.Find(image, Parameter)) is not ulong value)
        {
            return null;
        }

        var register = new AmdViDeviceTableBase(value);
        return register.HasReservedBits
            ? throw new FindingException($"the device table base address 0x{value:x} names no table: a reserved bit is set")
            : register;
    }

    /// <summary>The deepest host tables that the unit walks, as far as the image says it.</summary>
    public static int MaxLevels(TableImage image) =>
        ImageRegister.Find(image, FeatureParameters) is ulong features ? new AmdViEfr(features).HostLevels : DeepestLevels;

    /// <summary>The root of the device that a command line names, or those of all devices when it names none.</summary>
    /// <exception cref="FindingException">No host tables translate for the device, or for any.</exception>
    /// <exception cref="UsageException">Nothing in the image leads to devices.</exception>
    public static ImmutableArray<RequestedRoot> Roots(ImageRequest request, TableImage image)
    {
        if (request.Device is not DeviceAddress wanted)
        {
            AmdViDevice[] devices = [.. AmdViDeviceList.Of(request, image).Devices.Where(d => d.Levels != 0)];
            return devices.Length != 0
                ?
                [
                    .. devices
                        .GroupBy(d => (d.Root, d.Levels, d.Rights))
                        .Select(g => RootOf(g.First(), g)),
                ]
                : throw new FindingException($"{image.Location}: the device table leads to no device with host tables");
        }

        if (Find(request, image, wanted) is not AmdViDevice device)
        {
            return [FindNamed(request, image, wanted)];
        }

        if (device.Levels == 0)
        {
            throw new FindingException($"{image.Location}: {wanted} has no host tables: {AmdViWords.WhyNone(device)}");
        }

        if (device.Rights != (Rights.Read | Rights.Write))
        {
            request.Note?.Invoke($"the entry of {wanted} allows {device.Rights.ToListing()}, whatever its tables allow");
        }

        return [RootOf(device, [device])];
    }

    private static RequestedRoot RootOf(AmdViDevice device, IEnumerable<AmdViDevice> sharers) =>
        new(device.Root, device.Levels, [.. sharers.Select(d => d.Address.ToString())])
        {
            Rights = device.Rights,
        };

    /// <summary>What the device table says of a device; null where nothing leads to the table.</summary>
    /// <exception cref="FindingException">The register names no table.</exception>
    public static AmdViDevice? Find(ImageRequest request, TableImage image, DeviceAddress wanted) =>
        Register(request, image) is AmdViDeviceTableBase register
            ? image.Accept(new Lookup(register, MaxLevels(image), wanted))
            : null;

    private static RequestedRoot FindNamed(ImageRequest request, TableImage image, DeviceAddress wanted)
    {
        foreach (ImageRoot root in image.Roots)
        {
            if (DeviceAddress.TryParse(root.Name, out DeviceAddress device) && device == wanted)
            {
                return new RequestedRoot(root.Table, root.Levels, [root.Name]);
            }
        }

        throw image.Roots.IsEmpty
            ? new UsageException($"{request.Path}: does not say where the device table is; say it with --devtab")
            : new FindingException(
                $"{image.Location}: has no tables of {wanted}; there are: {string.Join(", ", image.Roots.Select(r => r.Name).Distinct())}");
    }

    private sealed class Lookup(AmdViDeviceTableBase register, int maxLevels, DeviceAddress device) : IImageVisitor<AmdViDevice>
    {
        public AmdViDevice Visit<TMemory>(in TMemory memory)
            where TMemory : struct, IPhysicalMemory => new AmdViDeviceTable<TMemory>(in memory, register, maxLevels).Find(device);
    }
}

using System.Collections.Immutable;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Images;
using TdpHw.Cli.Input;
using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Devices;

/// <summary>All devices that a device table lets through to some place, and those whose entries are wrong.</summary>
/// <param name="Register">What leads to the table.</param>
/// <param name="Devices">The devices, in the order of their addresses.</param>
/// <param name="RefusedCount">How many other devices have an entry that refuses every request.</param>
/// <param name="NoEntryCount">How many other devices have no valid entry, so that every request passes as it is.</param>
internal sealed record AmdViDeviceList(
    AmdViDeviceTableBase Register, ImmutableArray<AmdViDevice> Devices, int RefusedCount, int NoEntryCount)
{
    /// <summary>The devices of an image, from the register's value that the command line or the image say.</summary>
    /// <exception cref="FindingException">The register leads to no table.</exception>
    /// <exception cref="UsageException">Nothing says the register's value.</exception>
    public static AmdViDeviceList Of(ImageRequest request, TableImage image) =>
        AmdViSource.Register(request, image) is AmdViDeviceTableBase register
            ? image.Accept(new Listing(register, AmdViSource.MaxLevels(image), image.Location))
            : throw new UsageException($"{request.Path}: does not say where the device table is; say it with --devtab");

    private sealed class Listing(AmdViDeviceTableBase register, int maxLevels, string location) : IImageVisitor<AmdViDeviceList>
    {
        public AmdViDeviceList Visit<TMemory>(in TMemory memory)
            where TMemory : struct, IPhysicalMemory
        {
            if (!memory.TryReadEntry(register.DeviceTable, out _))
            {
                throw new FindingException($"{location}: the device table {register.DeviceTable} is not in memory");
            }

            ImmutableArray<AmdViDevice>.Builder devices = ImmutableArray.CreateBuilder<AmdViDevice>();
            int refused = 0;
            int without = 0;
            foreach (AmdViDevice device in new AmdViDeviceTable<TMemory>(in memory, register, maxLevels).Devices())
            {
                if (!device.HasEntry)
                {
                    without++;
                }
                else if (device.Kind == AmdViTranslationKind.Blocked && device.Fault is AmdViFault.None or AmdViFault.NoTranslation)
                {
                    refused++;
                }
                else
                {
                    devices.Add(device);
                }
            }

            return new AmdViDeviceList(register, devices.DrainToImmutable(), refused, without);
        }
    }
}

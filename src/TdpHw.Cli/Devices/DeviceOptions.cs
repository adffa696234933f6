using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Images;
using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Devices;

/// <summary>The options of commands that find tables by the device that uses them.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<string?> _device = new("--device")
    {
        Description = "The device whose tables are meant, found from RTADDR (VT-d), from the device table (AMD-Vi), or by the name of a root.",
        HelpName = "bus:device.function",
    };

    private readonly Option<string?> _rtaddr;
    private readonly Option<string?> _devtab;

    /// <summary>The options with their descriptions.</summary>
    /// <param name="purpose">What a register's value does here, to follow what it is the value of.</param>
    public DeviceOptions(string purpose)
    {
        _rtaddr = new("--rtaddr") { Description = $"What RTADDR of a VT-d unit reads{purpose}", HelpName = "value" };
        _devtab = new("--devtab")
        {
            Description = $"What the device table base address register of an AMD-Vi unit reads, its size field included{purpose}",
            HelpName = "value",
        };
    }

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_device);
        command.Add(_rtaddr);
        command.Add(_devtab);
    }

    /// <summary>Reads them.</summary>
    /// <returns>The request with what they say.</returns>
    /// <exception cref="UsageException">A value is malformed, or a root is said in two ways.</exception>
    public ImageRequest Read(ParseResult parse, ImageRequest request)
    {
        string? device = parse.GetValue(_device);
        string? rtaddr = parse.GetValue(_rtaddr);
        string? devtab = parse.GetValue(_devtab);
        if (device is null && rtaddr is null && devtab is null)
        {
            return request;
        }

        if (rtaddr is not null && devtab is not null)
        {
            throw new UsageException("--rtaddr is a register of VT-d units, --devtab one of AMD-Vi units: they exclude each other");
        }

        if (request.Root is not null || request.Levels is not null)
        {
            throw new UsageException($"--root and --levels say what --device and {(devtab is null ? "--rtaddr" : "--devtab")} look up: they exclude each other");
        }

        return request with
        {
            Device = device is null ? null : ParseDevice(device),
            Rtaddr = rtaddr is null ? null : SharedOptions.ParseNumber("--rtaddr", rtaddr),
            Devtab = devtab is null ? null : SharedOptions.ParseNumber("--devtab", devtab),
        };
    }

    private static DeviceAddress ParseDevice(string text) => DeviceAddress.TryParse(text, out DeviceAddress device)
        ? device
        : throw new UsageException($"--device: '{text}' is no device: write bus:device.function in hexadecimal, as 00:1f.2");
}

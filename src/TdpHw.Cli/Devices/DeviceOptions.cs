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
        Description = "The device whose VT-d tables are meant, found from RTADDR or by the name of a root.",
        HelpName = "bus:device.function",
    };

    private readonly Option<string?> _rtaddr;

    /// <summary>The options with their descriptions.</summary>
    /// <param name="rtaddr">What <c>--rtaddr</c> does here.</param>
    public DeviceOptions(string rtaddr) => _rtaddr = new("--rtaddr") { Description = rtaddr, HelpName = "value" };

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_device);
        command.Add(_rtaddr);
    }

    /// <summary>Reads them.</summary>
    /// <returns>The request with what they say.</returns>
    /// <exception cref="UsageException">A value is malformed, or a root is said in two ways.</exception>
    public ImageRequest Read(ParseResult parse, ImageRequest request)
    {
        string? device = parse.GetValue(_device);
        string? rtaddr = parse.GetValue(_rtaddr);
        if (device is null && rtaddr is null)
        {
            return request;
        }

        if (request.Root is not null || request.Levels is not null)
        {
            throw new UsageException("--root and --levels say what --device and --rtaddr look up: they exclude each other");
        }

        return request with
        {
            Device = device is null ? null : ParseDevice(device),
            Rtaddr = rtaddr is null ? null : SharedOptions.ParseNumber("--rtaddr", rtaddr),
        };
    }

    private static DeviceAddress ParseDevice(string text) => DeviceAddress.TryParse(text, out DeviceAddress device)
        ? device
        : throw new UsageException($"--device: '{text}' is no device: write bus:device.function in hexadecimal, as 00:1f.2");
}

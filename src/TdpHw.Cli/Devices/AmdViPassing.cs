using TdpHw.Cli.Translating;
using TdpHw.Core.Iommu;
using TdpHw.Formats;

namespace TdpHw.Cli.Devices;

/// <summary>
/// Answers what an AMD-Vi unit does with requests that it sends through no table: they pass as they are as far as the device-table
/// entry allows. (AMD IOMMU specification 48882, 2.2, device table entry: mode 0.)
/// </summary>
/// <param name="device">What the device table says of the device.</param>
/// <param name="run">The addresses of the requests, and where answers go.</param>
/// <param name="access">Whether they read or write.</param>
internal sealed class AmdViPassing(AmdViDevice device, TranslationRun run, Access access)
{
    private const int AddressBits = 64;

    /// <summary>Whether requests of a device go through no table and are not all refused by an entry that can't be used.</summary>
    public static bool IsOf(AmdViDevice device) => device.Fault == AmdViFault.None
        && device.Kind is AmdViTranslationKind.PassThrough or AmdViTranslationKind.Blocked;

    /// <summary>Answers.</summary>
    /// <returns>The exit code.</returns>
    public int Answer() => run.Answer(address => new Translation(address, Pass(address), AddressBits, null)
    {
        Window = Translation.WindowOf(AmdV1.Description.Windows, address),
    });

    private WalkResult Pass(ulong address) => (device.Rights & access.Needed()) == access.Needed()
        ? new WalkResult { Outcome = WalkOutcome.Mapped, Rights = device.Rights, Output = new(address) }
        : new WalkResult { Outcome = WalkOutcome.PermissionDenied, Rights = device.Rights };
}

using TdpHw.Cli.Capabilities;
using TdpHw.Cli.CommandLine;
using TdpHw.Formats;

namespace TdpHw.Cli.Checking;

/// <summary>The hardware that would load the tables, as the command line says it.</summary>
internal sealed class Importer
{
    private readonly CapabilityValues _told;
    private readonly bool _isLimitTold;

    /// <summary>An importer of a format with some capabilities set.</summary>
    /// <param name="format">The format that it walks.</param>
    /// <param name="settings">Settings of its capabilities, in the order given.</param>
    /// <exception cref="UsageException">A setting is malformed or unknown.</exception>
    public Importer(FormatDescription format, IReadOnlyList<string> settings)
    {
        Format = format;
        _told = SharedOptions.Apply(format.DefaultCapabilities, settings);
        _isLimitTold = settings.Any(s => SetsLimit(CapabilitySetting.Split(s).Name));
    }

    /// <summary>The format that it walks.</summary>
    public FormatDescription Format { get; }

    /// <summary>
    /// Its capabilities. Nothing tells how wide its addresses are unless the command line does: taken to be as wide as
    /// those of the exporter, which most often is the same machine.
    /// </summary>
    /// <param name="exporterWidth">How wide the exporter's addresses are.</param>
    public (CapabilityValues Values, AssumedWidth? Assumed) CapabilitiesBeside(int exporterWidth)
    {
        if (_isLimitTold || Format.AddressLimit is not string limit)
        {
            return (_told, null);
        }

        CapabilityDescription description = _told.Descriptions[_told.IndexOf(limit)];
        int width = Math.Clamp(exporterWidth, description.Minimum, description.Maximum);
        return (_told.With(limit, width), new AssumedWidth(limit, width));
    }

    private bool SetsLimit(string name) => Format.AddressLimit is string limit
        && (name == limit || _told.Descriptions[_told.IndexOf(limit)].From?.RegisterNames.Contains(name) == true);
}

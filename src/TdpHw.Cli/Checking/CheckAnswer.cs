using System.Collections.Immutable;
using TdpHw.Cli.Overlays;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Cli.Checking;

/// <summary>The answer of a check with all that it rests on.</summary>
internal sealed record CheckAnswer
{
    /// <summary>What was found.</summary>
    public required ShareReport Report { get; init; }

    /// <summary>The format of the tables.</summary>
    public required FormatDescription Exporter { get; init; }

    /// <summary>The capabilities of the hardware that the tables were written for.</summary>
    public required CapabilityValues ExporterCapabilities { get; init; }

    /// <summary>The software that wrote them; null for none.</summary>
    public required ChosenOverlay? Overlay { get; init; }

    /// <summary>The format that they would be read in.</summary>
    public required FormatDescription Importer { get; init; }

    /// <summary>The capabilities of the hardware that would read them.</summary>
    public required CapabilityValues ImporterCapabilities { get; init; }

    /// <summary>The width of the importer's addresses where nothing told it; null where something did.</summary>
    public required AssumedWidth? Assumed { get; init; }

    /// <summary>The first entries that would be mappings to the importer only.</summary>
    public required ImmutableArray<LiveMapping> LiveMappings { get; init; }
}

using System.Collections.Immutable;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Cli.Matrix;

/// <summary>Whether every table of an exporter can be walked by an importer.</summary>
internal sealed record MatrixPair
{
    /// <summary>What writes the tables.</summary>
    public required MatrixExporter Exporter { get; init; }

    /// <summary>The format of the hardware that would walk them.</summary>
    public required FormatDescription Importer { get; init; }

    /// <summary>The exporter's capabilities: the usual ones, or those next to them with which nothing stands in the way.</summary>
    public required CapabilityValues ExporterCapabilities { get; init; }

    /// <summary>The importer's capabilities, likewise.</summary>
    public required CapabilityValues ImporterCapabilities { get; init; }

    /// <summary>How many capabilities are not as usual.</summary>
    public required int Changes { get; init; }

    /// <summary>What stands in the way under these capabilities.</summary>
    public required ImmutableArray<ShareFinding> Obstacles { get; init; }

    /// <summary>Bits that mean something else to the importer, and neither fault nor change where an entry leads.</summary>
    public required ImmutableArray<ShareFinding> Meanings { get; init; }

    /// <summary>The answer in a word. Scripts rely on it.</summary>
    public string Verdict => Obstacles.Length != 0 ? "no" : Changes == 0 ? "yes" : "if";
}

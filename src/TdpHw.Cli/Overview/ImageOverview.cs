using System.Collections.Immutable;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Overview;

/// <summary>What an image holds, in short.</summary>
/// <param name="Location">The path that it was opened from.</param>
/// <param name="Format">The format of its tables.</param>
/// <param name="Capabilities">The capabilities that its entries were judged by.</param>
/// <param name="Overlay">The software whose use of the format is shown; null for none.</param>
/// <param name="Roots">The roots, each once.</param>
internal sealed record ImageOverview(
    string Location,
    FormatDescription Format,
    CapabilityValues Capabilities,
    ChosenOverlay? Overlay,
    ImmutableArray<RootOverview> Roots);

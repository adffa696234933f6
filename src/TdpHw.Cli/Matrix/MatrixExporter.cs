using System.Collections.Immutable;
using TdpHw.Formats;

namespace TdpHw.Cli.Matrix;

/// <summary>What writes tables: hardware rules alone, or a software that uses the format in its way.</summary>
/// <param name="Format">The format of the tables.</param>
/// <param name="Overlay">The software; null for any that the hardware accepts.</param>
/// <param name="Variant">The variant of it; null for none.</param>
internal sealed record MatrixExporter(FormatDescription Format, OverlayDescription? Overlay, OverlayVariant? Variant)
{
    /// <summary>All that there are: each format by itself, then with each variant of each overlay on it.</summary>
    public static ImmutableArray<MatrixExporter> All { get; } =
    [
        .. FormatRegistry.Formats.SelectMany(f => FormatRegistry.Overlays
            .Where(o => o.FormatId == f.Id)
            .SelectMany(o => o.Variants.Select(v => new MatrixExporter(f, o, v)))
            .Prepend(new MatrixExporter(f, null, null))),
    ];

    /// <summary>What it is called: the format, or the overlay with its variant.</summary>
    public string Name => Overlay is null ? Format.Id : $"{Overlay.Id}:{Variant!.Id}";

    /// <summary>Whether the software runs on hardware with these capabilities.</summary>
    public bool Allows(CapabilityValues capabilities) =>
        Overlay is null || !Overlay.KeptOff.Any(name => capabilities.IsOn(capabilities.IndexOf(name)));
}

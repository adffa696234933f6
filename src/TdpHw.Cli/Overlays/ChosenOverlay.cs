using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Input;
using TdpHw.Formats;

namespace TdpHw.Cli.Overlays;

/// <summary>The overlay that entries are read with.</summary>
/// <param name="Overlay">The software's use of the format.</param>
/// <param name="Variant">The variant of it.</param>
internal sealed record ChosenOverlay(OverlayDescription Overlay, OverlayVariant Variant)
{
    /// <summary>What the software's entries depend on beside the hardware.</summary>
    public CapabilityValues Capabilities { get; init; } = CapabilityValues.Defaults(Overlay.Capabilities);

    /// <summary>The name as it is written on the command line.</summary>
    public string Id => $"{Overlay.Id}:{Variant.Id}";

    /// <summary>The width below which <paramref name="field"/> gives way; null when it does not, or nothing says it.</summary>
    public int? WidthOf(FieldDescription field) =>
        field.Displacement is { } displacement && Capabilities.IndexOf(displacement.Capability) is >= 0 and var index
            ? Capabilities[index]
            : null;

    /// <summary>Finds the overlay that a command line asks for.</summary>
    /// <param name="name"><c>name</c>, <c>name:variant</c>, <c>none</c>, or null when nothing was said.</param>
    /// <param name="format">The format that it must lie on.</param>
    /// <returns>The overlay; null for none.</returns>
    /// <exception cref="UsageException">There is no such overlay on the format.</exception>
    public static ChosenOverlay? Find(string? name, FormatDescription format) => name switch
    {
        null => DefaultOn(format),
        "none" => null,
        _ => Named(name, format),
    };

    private static ChosenOverlay? DefaultOn(FormatDescription format)
    {
        foreach (OverlayDescription overlay in FormatRegistry.Overlays)
        {
            if (overlay.FormatId == format.Id && overlay.IsDefault)
            {
                return new ChosenOverlay(overlay, overlay.Variants[0]);
            }
        }

        return null;
    }

    private static ChosenOverlay Named(string name, FormatDescription format)
    {
        OverlayDescription[] overlays = [.. FormatRegistry.Overlays.Where(o => o.FormatId == format.Id)];
        string[] parts = name.Split(':', 2);
        OverlayDescription overlay = overlays.FirstOrDefault(o => o.Id == parts[0])
            ?? throw new UsageException(Unknown(parts[0], format, overlays));
        if (parts.Length == 1)
        {
            return new ChosenOverlay(overlay, overlay.Variants[0]);
        }

        OverlayVariant variant = overlay.Variants.FirstOrDefault(v => v.Id == parts[1])
            ?? throw new UsageException(
                $"overlay '{overlay.Id}' has no variant '{parts[1]}'; there are: {string.Join(", ", overlay.Variants.Select(v => v.Id))}");
        return new ChosenOverlay(overlay, variant);
    }

    /// <summary>Finds the overlay for one of several formats: one that is named and lies on another is none here.</summary>
    /// <exception cref="UsageException">There is no such overlay on any format.</exception>
    public static ChosenOverlay? FindIfOn(string? name, FormatDescription format)
    {
        string? id = name?.Split(':', 2)[0];
        return FormatRegistry.Overlays.Any(o => o.Id == id && o.FormatId != format.Id) ? null : Find(name, format);
    }

    private static string Unknown(string name, FormatDescription format, OverlayDescription[] overlays)
    {
        if (FormatRegistry.Overlays.FirstOrDefault(o => o.Id == name) is OverlayDescription other)
        {
            return $"overlay '{name}' lies on {other.FormatId}, not on {format.Id}";
        }

        string known = overlays.Length == 0
            ? $"; {format.Id} has none"
            : $"; {format.Id} has: {string.Join(", ", overlays.Select(o => o.Id))}";
        string hint = NearestName.Hint(name, overlays.Select(o => o.Id));
        return $"unknown overlay '{name}'{(hint.Length == 0 ? known : hint)}";
    }
}

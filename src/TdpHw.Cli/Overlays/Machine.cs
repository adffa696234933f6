using TdpHw.Cli.Capabilities;
using TdpHw.Cli.CommandLine;
using TdpHw.Formats;

namespace TdpHw.Cli.Overlays;

/// <summary>What entries are judged by: the hardware's capabilities, and the software that wrote them with what it depends on.</summary>
/// <param name="Capabilities">The format's capabilities.</param>
/// <param name="Overlay">The software; null for none.</param>
internal sealed record Machine(CapabilityValues Capabilities, ChosenOverlay? Overlay)
{
    /// <summary>Whether any capability or register of the hardware or of the software is called so.</summary>
    public bool Knows(string name) => CapabilitySetting.IsKnown(Capabilities, name) || IsSoftwares(name);

    /// <summary>The machine with one setting made, which is the hardware's where both know the name.</summary>
    /// <exception cref="CapabilityException">There is no such capability, or it does not take the value.</exception>
    public Machine With(string name, string value) =>
        !CapabilitySetting.IsKnown(Capabilities, name) && IsSoftwares(name)
            ? this with
            {
                Overlay = Overlay! with { Capabilities = CapabilitySetting.Apply(Overlay.Capabilities, name, value) },
            }
            : this with
            {
                Capabilities = CapabilitySetting.Apply(Capabilities, name, value, Overlay?.Overlay.Capabilities ?? []),
            };

    /// <summary>The machine without software that says nothing true about it.</summary>
    /// <param name="isAsked">Whether the overlay was asked for by its name.</param>
    /// <param name="dropped">What to say of an overlay that was dropped; null when none was.</param>
    /// <exception cref="UsageException">An overlay that was asked for by its name would have to be dropped.</exception>
    public Machine Settled(bool isAsked, out string? dropped)
    {
        dropped = null;
        if (Overlay is null || Hindrance(Overlay.Overlay) is not { } hinders)
        {
            return this;
        }

        string why = $"overlay '{Overlay.Overlay.Id}' describes software that keeps {hinders} off, and it is on";
        if (isAsked)
        {
            throw new UsageException(why);
        }

        dropped = $"{why}: no software's use is shown";
        return this with { Overlay = null };
    }

    /// <summary>A capability that is on and that the software keeps off; null for none.</summary>
    private string? Hindrance(OverlayDescription overlay)
    {
        foreach (string name in overlay.KeptOff)
        {
            if (Capabilities.IndexOf(name) is >= 0 and var index && Capabilities.IsOn(index))
            {
                return name;
            }
        }

        return null;
    }

    private bool IsSoftwares(string name) => Overlay is { } overlay && CapabilitySetting.IsKnown(overlay.Capabilities, name);
}
